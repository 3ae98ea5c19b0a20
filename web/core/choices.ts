import type { Chat, Choices, Choosing, Task } from './types';

/** Something chosen here that the server does not know yet: where the read marker stood then decides how long it is unread. */
export interface Chosen {
  change: Choosing;
  read: number;
}

/** What I chose about a chat. Chats of older servers say nothing. */
export const choicesOf = ({ me }: Chat): Choices => me ?? { version: 0 };

/** Whether I am told of nothing in a chat, for now or for good. A mute that is over is not in the row any more. */
export const isMuted = (chat: Chat): boolean => choicesOf(chat).muted_until !== undefined || choicesOf(chat).level === 'none';

/** How many of the unread messages I want to know of without looking. */
export const countsFor = (chat: Chat): number =>
  choicesOf(chat).hidden ? 0 : isMuted(chat) || choicesOf(chat).level === 'mentions' ? (chat.mentions ?? 0) : chat.unread;

/** What decides where a chat stands in the list, beside its last message. */
export const placeOf = (chat: Chat): string => {
  const { hidden, favourite, section } = choicesOf(chat);
  return hidden ? 'hidden' : favourite ? 'favourite' : `in ${section ?? ''}`;
};

export const isCalledUnread = (chat: Chat): boolean => choicesOf(chat).unread_from !== undefined;

/** The number above which messages are unread: that of my marker, or a lower one. */
export const unreadAbove = (chat: Chat): number => Math.min(chat.read_seq, (choicesOf(chat).unread_from ?? Infinity) - 1);

/** Leaves out what says nothing. */
const tidy = (me: Record<string, unknown>): Choices => Object.fromEntries(Object.entries(me).filter(([, value]) => value !== undefined && value !== null && value !== false)) as unknown as Choices;

/** The row without choices that have ended: by a message, by reading, by the time. */
export function settled(chat: Chat, now: number): Chat {
  const { hidden_seq = Infinity, marked_seq = Infinity, muted_until } = choicesOf(chat);
  const over = {
    ...(hidden_seq < chat.head_seq && { hidden: false, hidden_seq: null }),
    ...(marked_seq < chat.read_seq && { unread_from: null, marked_seq: null }),
    ...(muted_until !== undefined && Date.parse(muted_until) <= now && { muted_until: null }),
  };
  return Object.keys(over).length === 0 ? chat : { ...chat, me: tidy({ ...chat.me, ...over }) };
}

/** The row as it is once what was chosen here is told. */
export function withChosen(chat: Chat, { change, read }: Chosen): Chat {
  const { level = choicesOf(chat).level, ...others } = change;
  const marked_seq = change.unread_from === undefined ? choicesOf(chat).marked_seq : change.unread_from === null ? null : read;
  const me = tidy({ ...choicesOf(chat), ...others, level, marked_seq, ...(change.hidden === false && { hidden_seq: null }) });
  return same(me, choicesOf(chat)) ? chat : bounded({ ...chat, me });
}

/** Nobody counted what is unread now: it is something where it is called unread, and no more than there is. */
export function bounded(chat: Chat): Chat {
  const unread = Math.min(Math.max(chat.unread, Number(isCalledUnread(chat))), Math.max(0, chat.head_seq - unreadAbove(chat)));
  return { ...chat, unread, mentions: Math.min(unread, chat.mentions ?? 0) };
}

const same = (a: object, b: object): boolean => {
  const [one, other] = [Object.entries(a), new Map(Object.entries(b))];
  return one.length === other.size && one.every(([name, value]) => other.get(name) === value);
};

/** A choice as the outbox keeps it. */
export const asText = (chosen: Chosen): string => JSON.stringify(chosen);
export const chosenIn = ({ text }: Task): Chosen => JSON.parse(text) as Chosen;

/** What is sent of it. The server is told what was known here, in case others wrote or I read elsewhere meanwhile. */
export function bodyOf({ change, read }: Chosen): Choosing {
  return typeof change.unread_from === 'number' ? { ...change, marked_seq: read } : change;
}

/** What I chose with the numbers it hangs on. */
export const choosing = (chat: Chat, change: Choosing): Chosen => ({
  change: change.hidden ? { ...change, hidden_seq: chat.head_seq } : change,
  read: chat.read_seq,
});

const longest = 2 ** 31 - 1;

/** Says when mutes are over. */
export class Mutes {
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  watch(chat: Chat, now: number, over: () => void): void {
    clearTimeout(this.#timers.get(chat.id));
    const { muted_until } = choicesOf(chat);
    const left = muted_until === undefined ? Infinity : Date.parse(muted_until) - now;
    // No page is open for so long; if one is, the chat's next message says it.
    if (left > longest) this.#timers.delete(chat.id);
    else this.#timers.set(chat.id, setTimeout(over, left));
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
