import type { Chat, Head, Message, ServerEvent } from './types';

/** What a chat's row becomes by a new message. The author has read what they wrote. */
export function withMessage(chat: Chat, message: Message, me: string | null): Chat {
  if (message.seq <= chat.head_seq) return chat;
  const read = message.author === me ? message.seq : chat.read_seq;
  return {
    ...chat,
    head_seq: message.seq,
    read_seq: read,
    unread: Math.max(0, message.seq - read),
    last_message: message,
    last_message_at: message.created_at,
  };
}

/** What a chat's row becomes by an edited or deleted message: only the preview may change. */
export function withRevision(chat: Chat, message: Message): Chat {
  const last = chat.last_message;
  if (!last || last.seq !== message.seq || last.cseq >= message.cseq) return chat;
  return { ...chat, last_message: message };
}

/** What a chat's row becomes by a moved read marker, which never falls. */
export function withReadMarker(chat: Chat, seq: number): Chat {
  if (seq <= chat.read_seq) return chat;
  return { ...chat, read_seq: seq, unread: Math.max(0, chat.head_seq - seq) };
}

/** The change number an event brings, or null when it is not a numbered change. */
export function changeNumber(event: ServerEvent): number | null {
  switch (event.type) {
    case 'message_edited':
    case 'message_deleted':
    case 'member_changed':
    case 'member_removed':
    case 'chat_renamed':
      return event.cseq;
    default:
      return null;
  }
}

/** A server's copy of a chat over ours: its words count, but numbers never fall. */
export function merged(ours: Chat | null | undefined, theirs: Chat, applied: Head | null): Chat {
  if (!ours || !applied) return theirs;
  const ahead = ours.head_seq > theirs.head_seq;
  const read = Math.max(ours.read_seq, theirs.read_seq);
  const head = Math.max(ours.head_seq, theirs.head_seq);
  return {
    ...theirs,
    head_seq: head,
    head_cseq: Math.max(ours.head_cseq, theirs.head_cseq),
    read_seq: read,
    unread: Math.max(0, head - read),
    last_message: ahead ? ours.last_message : theirs.last_message,
    last_message_at: ahead ? ours.last_message_at : theirs.last_message_at,
  };
}

/** Chats by last activity, newest first; ties by id, as the server sorts. */
export function byActivity(a: Chat, b: Chat): number {
  if (a.last_message_at !== b.last_message_at) return a.last_message_at < b.last_message_at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}
