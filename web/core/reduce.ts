import { bounded, choicesOf } from './choices';
import { isUnreadMention, mentionsAfter, mentionsOf } from './mentions';
import { toldToEverybody } from './reactions';
import { settingsOf } from './chat_settings';
import type { Chat, Choices, Message, ServerEvent } from './types';
import { addedBy, unreadAt, unreadSince, type Told } from './unread';

/** How many characters of a text the list of chats holds. */
const PREVIEW = 200;

/** The message with the beginning of its text, as the server lists it. */
export function previewOf(whole: Message): Message {
  const message = toldToEverybody(whole);
  const text = beginningOf(message.text);
  if (!message.forwarded) return text === message.text ? message : { ...message, text, is_cut: true };
  const { author, at, text: copied } = message.forwarded;
  const forwarded = { author, at, text: beginningOf(copied) };
  const isCut = text !== message.text || forwarded.text !== copied;
  return { ...message, text, forwarded, ...(isCut && { is_cut: true }) };
}

function beginningOf(text: string): string {
  // A text that is not longer in code units is not longer in characters.
  return text.length <= PREVIEW ? text : Array.from(text).slice(0, PREVIEW).join('');
}

/** What a chat's row becomes by a new message. The author has read what they wrote, and not what the timeline says of them. */
export function withMessage(chat: Chat, message: Message, me: string | null): Chat {
  if (message.seq <= chat.head_seq) return chat;
  const isOwn = message.author === me && message.kind === 'text';
  const unread = isOwn ? 0 : Math.max(0, chat.unread + addedBy(chat, message));
  return {
    ...chat,
    head_seq: message.seq,
    read_seq: isOwn ? message.seq : chat.read_seq,
    unread,
    mentions: Math.min(unread, mentionsAfter(chat, message, me)),
    last_message: previewOf(message),
    last_message_at: message.created_at,
  };
}

/** What a chat's row becomes by an edited or deleted message, of which `held` is the copy that was here before. */
export function withRevision(chat: Chat, message: Message, me: string | null = null, held?: Message): Chat {
  const last = chat.last_message?.seq === message.seq && chat.last_message.cseq < message.cseq ? chat.last_message : null;
  const before = held ?? last;
  if (!before || before.cseq >= message.cseq) return chat;
  const change = Number(isUnreadMention(chat, message, me)) - Number(isUnreadMention(chat, before, me));
  if (!last && change === 0) return chat;
  const mentions = Math.min(chat.unread, Math.max(0, mentionsOf(chat) + change));
  return { ...chat, last_message: last ? previewOf(message) : chat.last_message, mentions };
}

/**
 * What a chat's row becomes by a read marker, which never falls. `told` is what the server says is unread above it;
 * without it that is no more than there are messages.
 */
export function withReadMarker(chat: Chat, seq: number, told?: Told): Chat {
  if (seq < chat.read_seq || (seq === chat.read_seq && (!told || choicesOf(chat).unread_from !== undefined))) return chat;
  const above = Math.max(0, chat.head_seq - seq);
  const unread = Math.min(above, told ? unreadSince(chat, told) : chat.unread);
  const mentions = Math.min(unread, told?.mentions ?? mentionsOf(chat));
  if (seq === chat.read_seq && unread === chat.unread && mentions === chat.mentions) return chat;
  return { ...chat, read_seq: seq, unread, mentions };
}

/** What a chat's row becomes by my choices as the server tells them; without numbers of what is unread that is bounded. */
export function withChoices(chat: Chat, me: Choices, told?: Extract<ServerEvent, { type: 'choices_changed' }>): Chat {
  if (me.version < choicesOf(chat).version) return chat;
  const row = { ...chat, me };
  if (!told) return bounded(row);
  if (told.read_seq < chat.read_seq) return row;
  const unread = unreadSince(row, told);
  return { ...row, read_seq: told.read_seq, unread, mentions: Math.min(unread, told.mentions) };
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
  message_changed: 'cseq',
  member_changed: 'cseq',
  member_removed: 'cseq',
  chat_renamed: 'cseq',
  chat_changed: 'cseq',
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
  const shape = isOlder ? { name: ours.name, role: ours.role, member_count: ours.member_count, ...settingsOf(ours) } : {};
  const { last_message, last_message_at } = newerMessage(ours, theirs);
  const head_seq = Math.max(ours.head_seq, theirs.head_seq);
  const read_seq = Math.max(ours.read_seq, theirs.read_seq);
  const unread = unreadAt(ours.head_seq > theirs.head_seq ? ours : theirs, knowsMore(ours, theirs) ? ours : theirs);
  const from = isAhead(ours, theirs) ? ours : theirs;
  const choices = choseMore(ours, theirs) ? ours : theirs;
  return {
    ...theirs,
    ...shape,
    ...(choices.me && { me: choices.me }),
    head_seq,
    head_cseq: Math.max(ours.head_cseq, theirs.head_cseq),
    read_seq,
    unread,
    mentions: Math.min(unread, mentionsOf(from)),
    last_message,
    last_message_at,
  };
}

/** Whether we know more of what was read, or as much and more of what was deleted. */
const knowsMore = (ours: Chat, theirs: Chat): boolean =>
  ours.read_seq > theirs.read_seq || (ours.read_seq === theirs.read_seq && (choseMore(ours, theirs) || (!choseMore(theirs, ours) && ours.head_cseq > theirs.head_cseq)));

/** Whether we know newer choices, which say from where on a chat is unread. */
const choseMore = (ours: Chat, theirs: Chat): boolean => choicesOf(ours).version > choicesOf(theirs).version;

/** Whether we know of messages or reading that they do not. */
const isAhead = (ours: Chat, theirs: Chat): boolean => ours.head_seq > theirs.head_seq || ours.read_seq > theirs.read_seq || choseMore(ours, theirs);

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
