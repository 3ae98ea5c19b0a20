import { unreadAbove } from './choices';
import { mentionsMe } from './mentions';
import type { MessageLog } from './log';
import type { Chat, Message } from './types';

/** What the timeline says by itself, which nobody has to read. What is not known here counts. */
const lines: ReadonlySet<Message['kind']> = new Set(['member_joined', 'member_left', 'chat_renamed']);

/** Above this distance nobody counts messages one by one. */
const NEAR = 500;

/** What the server tells of a marker. */
export interface Told {
  unread: number;
  mentions: number;
  /** How many messages counted up to the chat's newest one at that moment; older servers do not say. */
  counted?: number;
}

export const counts = ({ kind }: Message): boolean => !lines.has(kind);

/** How many messages counted up to the newest one, if that is known. */
export const countedOf = (chat: Chat): number | undefined => (chat.head_seq < 0 ? 0 : chat.last_message?.counted);

/** How many more there are to read with a new message that somebody else wrote. */
export function addedBy(chat: Chat, message: Message): number {
  // Deleted by a change that was told before; one that is still to come takes it out itself.
  const gone = message.deleted && message.cseq <= chat.head_cseq ? 1 : 0;
  const before = countedOf(chat);
  if (message.seq === chat.head_seq + 1) return Number(counts(message)) - gone;
  if (before === undefined || message.counted === undefined) return message.seq - chat.head_seq - gone;
  return message.counted - before - gone;
}

/** What a chat's row becomes by the change that deleted a message, which is told once under its own number. */
export function withDeletion(chat: Chat, message: Message): Chat {
  const isUnread = unreadAbove(chat) < message.seq && message.seq <= chat.head_seq;
  if (!isUnread || !counts(message)) return chat;
  return { ...chat, unread: Math.max(0, chat.unread - 1) };
}

/** What is unread at a marker, as the server counted it: since then there may have come more. */
export function unreadSince(chat: Chat, { unread, counted }: Told): number {
  const now = countedOf(chat);
  return now === undefined || counted === undefined ? unread : Math.max(0, unread + now - counted);
}

/** What is unread of two copies of a row, when this one knows more of reading and deleting. */
export function unreadAt(head: Chat, row: Chat): number {
  const [now, then] = [countedOf(head), countedOf(row)];
  const since = now === undefined || then === undefined ? head.head_seq - row.head_seq : now - then;
  return Math.max(0, row.unread + since);
}

/** The row with what is unread counted, where all of it is in memory: that is right whatever was told in which order. */
export function recounted(chat: Chat, log: MessageLog, me: string | null): Chat {
  const from = unreadAbove(chat);
  if (chat.head_seq - from > NEAR) return chat;
  let [unread, mentions] = [0, 0];
  for (let seq = from + 1; seq <= chat.head_seq; seq += 1) {
    const message = log.get(seq);
    if (!message) return chat;
    if (message.deleted || !counts(message)) continue;
    unread += 1;
    if (mentionsMe(message, me)) mentions += 1;
  }
  return unread === chat.unread && mentions === chat.mentions ? chat : { ...chat, unread, mentions };
}
