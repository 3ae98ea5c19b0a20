import type { Chat, Choices, Choosing, Task } from './types';

/** What I chose about a chat. Chats of older servers say nothing. */
export const choicesOf = ({ me }: Chat): Choices => me ?? { version: 0 };

/** Whether I am told of nothing in a chat, for now or for good. A mute that is over is not in the row any more. */
export const isMuted = (chat: Chat): boolean => choicesOf(chat).muted_until !== undefined || choicesOf(chat).level === 'none';

/** How many of the unread messages I want to know of without looking. */
export const countsFor = (chat: Chat): number =>
  choicesOf(chat).hidden ? 0 : isMuted(chat) || choicesOf(chat).level === 'mentions' ? (chat.mentions ?? 0) : chat.unread;

/** What decides where a chat stands in the list, beside its last message. */
export function placeOf(chat: Chat): string {
  const { hidden, favourite, section = '' } = choicesOf(chat);
  return [hidden, favourite, section].join();
}

/** The number above which messages are unread: that of my marker, or a lower one. */
export const unreadAbove = (chat: Chat): number => Math.min(chat.read_seq, (choicesOf(chat).unread_from ?? Infinity) - 1);

/** The row with some choices more or less. What says nothing is left out. */
function withSome(chat: Chat, some: Choosing): Chat {
  const entries = Object.entries({ ...choicesOf(chat), ...some }).filter(([, value]) => value !== null && value !== false);
  const { hidden_seq, marked_seq, ...me } = Object.fromEntries(entries) as unknown as Choices;
  return { ...chat, me: { ...me, ...(me.hidden && hidden_seq !== undefined && { hidden_seq }), ...(me.unread_from !== undefined && marked_seq !== undefined && { marked_seq }) } };
}

/** The row without choices that have ended: by a message, by reading, by the time. */
export function settled(chat: Chat, now: number): Chat {
  const { hidden_seq = Infinity, marked_seq = Infinity, muted_until = '9999' } = choicesOf(chat);
  const over: Choosing = {
    ...(hidden_seq < chat.head_seq && { hidden: false }),
    ...(marked_seq < chat.read_seq && { unread_from: null }),
    ...(Date.parse(muted_until) <= now && { muted_until: null }),
  };
  return Object.keys(over).length > 0 ? withSome(chat, over) : chat;
}

/** The row as it is once what was chosen here is told. */
export const withChosen = (chat: Chat, change: Choosing): Chat => bounded(withSome(chat, change));

/** Nobody counted what is unread now: it is something where it is called unread, and no more than there is. */
export function bounded(chat: Chat): Chat {
  const { unread_from } = choicesOf(chat);
  const unread = Math.min(Math.max(chat.unread, unread_from === undefined ? 0 : 1), Math.max(0, chat.head_seq - unreadAbove(chat)));
  return { ...chat, unread, mentions: Math.min(unread, chat.mentions ?? 0) };
}

/** A choice as the outbox keeps it and the server takes it: with what was known here, in case others wrote or I read elsewhere meanwhile. */
export const choosing = ({ head_seq, read_seq }: Chat, change: Choosing): string =>
  JSON.stringify({ ...change, ...(change.hidden && { hidden_seq: head_seq }), ...(change.unread_from != null && { marked_seq: read_seq }) });

export const chosenIn = ({ text }: Task): Choosing => JSON.parse(text) as Choosing;
