import { isUnreadMention, mentionsAfter, mentionsOf } from './mentions';
import type { Chat, Message, ServerEvent } from './types';

/** What a chat's row becomes by a new message. The author has read what they wrote, and not what the timeline says of them. */
export function withMessage(chat: Chat, message: Message, me: string | null): Chat {
  if (message.seq <= chat.head_seq) return chat;
  const read = message.author === me && message.kind === 'text' ? message.seq : chat.read_seq;
  return {
    ...chat,
    head_seq: message.seq,
    read_seq: read,
    unread: message.seq - read,
    mentions: mentionsAfter(chat, message, me),
    last_message: message,
    last_message_at: message.created_at,
  };
}

/** What a chat's row becomes by an edited or deleted message: only the preview may change. */
export function withRevision(chat: Chat, message: Message, me: string | null = null): Chat {
  const last = chat.last_message;
  if (!last || last.seq !== message.seq || last.cseq >= message.cseq) return chat;
  const change = Number(isUnreadMention(chat, message, me)) - Number(isUnreadMention(chat, last, me));
  return { ...chat, last_message: message, mentions: Math.max(0, mentionsOf(chat) + change) };
}

/** What a chat's row becomes by a moved read marker, which never falls. */
export function withReadMarker(chat: Chat, seq: number, mentions: number = mentionsOf(chat)): Chat {
  if (seq < chat.read_seq || (seq === chat.read_seq && mentions === mentionsOf(chat))) return chat;
  const unread = Math.max(0, chat.head_seq - seq);
  return { ...chat, read_seq: seq, unread, mentions: unread > 0 ? mentions : 0 };
}

/** The number that an event brings, and which of the two it is. */
export interface Numbered {
  n: 'seq' | 'cseq';
  value: number;
}

/** Of servers that do not say which number counts, for the events that those know. */
const countedBefore: Partial<Record<string, Numbered['n']>> = {
  message_created: 'seq',
  message_edited: 'cseq',
  message_deleted: 'cseq',
  member_changed: 'cseq',
  member_removed: 'cseq',
  chat_renamed: 'cseq',
};

/** The new number an event brings, or null when it is not numbered. Its type does not matter. */
export function numberOf(event: ServerEvent): Numbered | null {
  const n = event.n ?? (event.weight ? undefined : countedBefore[event.type]);
  if ((n !== 'seq' && n !== 'cseq') || !('seq' in event) || !('cseq' in event)) return null;
  return { n, value: event[n] };
}

/**
 * The server's copy of a chat over ours. An answer may be older than events that overtook it, so each part is
 * taken from whoever has the higher number.
 */
export function merged(ours: Chat, theirs: Chat): Chat {
  const isOlder = theirs.head_cseq < ours.head_cseq;
  const shape = isOlder ? { name: ours.name, role: ours.role, member_count: ours.member_count } : {};
  const { last_message, last_message_at } = newerMessage(ours, theirs);
  const head_seq = Math.max(ours.head_seq, theirs.head_seq);
  const read_seq = Math.max(ours.read_seq, theirs.read_seq);
  return {
    ...theirs,
    ...shape,
    head_seq,
    head_cseq: Math.max(ours.head_cseq, theirs.head_cseq),
    read_seq,
    unread: Math.max(0, head_seq - read_seq),
    mentions: mentionsOf(isAhead(ours, theirs) ? { ...ours, head_seq, read_seq } : { ...theirs, head_seq, read_seq }),
    last_message,
    last_message_at,
  };
}

/** Whether we know of messages or reading that they do not. */
const isAhead = (ours: Chat, theirs: Chat): boolean => ours.head_seq > theirs.head_seq || ours.read_seq > theirs.read_seq;

function newerMessage(ours: Chat, theirs: Chat): Pick<Chat, 'last_message' | 'last_message_at'> {
  if (ours.head_seq !== theirs.head_seq) return ours.head_seq > theirs.head_seq ? ours : theirs;
  const isOurs = (ours.last_message?.cseq ?? -1) > (theirs.last_message?.cseq ?? -1);
  return isOurs ? ours : theirs;
}

/** Chats by last activity, newest first; ties by id, as the server sorts. */
export function byActivity(a: Chat, b: Chat): number {
  if (a.last_message_at !== b.last_message_at) return a.last_message_at < b.last_message_at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}
