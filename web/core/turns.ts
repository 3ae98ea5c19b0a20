import { isAdmin } from './settings';
import { Family } from './signal';
import type { Chat, Message } from './types';

/** In chats with slow mode: when I may write again, in milliseconds; 0 where I may. The server decides, this only tells. */
export class Turns {
  readonly next = new Family<number>(() => 0);
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A message came. Clocks differ: nobody waits for longer than from now on. */
  heard(message: Message, chat: Chat | null | undefined, me: string | null): void {
    if (!chat?.slow_s || isAdmin(chat) || message.author !== me || message.kind !== 'text') return;
    const at = Math.min(this.#now(), Date.parse(message.created_at));
    this.#until(chat.id, at + chat.slow_s * 1000);
  }

  /** The server said how long it is until then. */
  refused(chat: string, wait: number): void {
    this.next.set(chat, this.#now() + wait);
  }

  #until(chat: string, at: number): void {
    if (at > this.#now() && at > this.next.of(chat).get()) this.next.set(chat, at);
  }
}
