import { Family } from './signal';
import type { Presence, ServerEvent } from './types';

const forgotten = 6_000;
const every = 3_000;

/** Hints that are never stored: who is writing, who is here. */
export class Hints {
  readonly typing = new Family<readonly string[]>(() => []);
  readonly presence = new Family<Presence | null>((user) => this.#presence.get(user) ?? null);
  readonly #presence = new Map<string, Presence>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #said = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes what an event says about who is writing and who is here. */
  take(event: ServerEvent, me: string | null): void {
    if (event.type === 'typing' && event.user !== me) this.isTyping(event.chat, event.user);
    if (event.type === 'message_created') this.stopped(event.chat, event.message.author);
    if (event.type === 'presence_changed') this.isHere(event.user, event.presence);
  }

  isTyping(chat: string, user: string): void {
    const writers = this.typing.of(chat);
    if (!writers.get().includes(user)) writers.update((users) => [...users, user]);
    const key = `${chat}:${user}`;
    clearTimeout(this.#timers.get(key));
    this.#timers.set(key, setTimeout(() => this.stopped(chat, user), forgotten));
  }

  stopped(chat: string, user: string): void {
    clearTimeout(this.#timers.get(`${chat}:${user}`));
    this.#timers.delete(`${chat}:${user}`);
    const writers = this.typing.of(chat);
    if (writers.get().includes(user)) writers.update((users) => users.filter((one) => one !== user));
  }

  /** Whether it is time to tell the others again that I am writing. */
  mayTell(chat: string): boolean {
    const now = this.#now();
    if (now - (this.#said.get(chat) ?? -every) < every) return false;
    this.#said.set(chat, now);
    return true;
  }

  /** What I wrote was sent: the next letter is told at once. */
  forgetMine(chat: string): void {
    this.#said.delete(chat);
  }

  isHere(user: string, presence: Presence): void {
    this.#presence.set(user, presence);
    this.presence.set(user, presence);
  }

  /** Without a connection nobody is known to be here. */
  unknown(): void {
    for (const user of this.#presence.keys()) this.presence.set(user, null);
    this.#presence.clear();
  }
}
