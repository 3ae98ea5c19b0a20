import { keptMessages, type Batch, type Cache } from './db';
import type { Chat, Head, Message, Person, PinItem } from './types';

const pause = 50;

const empty = (): Batch => ({
  forgotten: new Set(),
  chats: new Map(),
  cursors: new Map(),
  people: new Map(),
  messages: new Map(),
  pins: new Map(),
});

/**
 * Gathers what changed for a moment and writes it at once: a burst of events is one write. Nothing is written before it is
 * known which history of the server it is of: a copy of none would be taken for one of another.
 */
export class Journal {
  #batch = empty();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cache: Pick<Cache, 'save'> | null = null;
  #isBegun = false;

  /** From now on, what changed is gathered for this copy. */
  open(cache: Pick<Cache, 'save'> | null): void {
    this.#cache = cache;
    this.#isBegun = false;
    this.#batch = empty();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The copy says which history it is of: what was gathered is written. */
  begin(): void {
    this.#isBegun = true;
    if (Object.values(this.#batch).some(({ size }) => size > 0)) this.#soon();
  }

  chat(chat: Chat): void {
    this.#batch.chats.set(chat.id, chat);
    this.#soon();
  }

  cursor(chat: string, head: Head): void {
    this.#batch.cursors.set(chat, head);
    this.#soon();
  }

  people(people: readonly Person[]): void {
    for (const person of people) this.#batch.people.set(person.id, person);
    this.#soon();
  }

  pins(chat: string, pins: readonly PinItem[]): void {
    this.#batch.pins.set(chat, pins);
    this.#soon();
  }

  /** Keeps those of the messages that are among the newest below `head`. */
  messages(messages: readonly Message[], head: number): void {
    for (const message of messages) {
      if (message.seq > head - keptMessages) this.#batch.messages.set(`${message.chat} ${message.seq}`, message);
    }
    this.#soon();
  }

  /** Forgets a chat and what waits to be written of it. What comes after is kept again. */
  forget(chat: string): void {
    this.#batch.forgotten.add(chat);
    this.#batch.chats.delete(chat);
    this.#batch.cursors.delete(chat);
    this.#batch.pins.delete(chat);
    for (const [key, message] of this.#batch.messages) {
      if (message.chat === chat) this.#batch.messages.delete(key);
    }
    this.#soon();
  }

  /** Writes what waits now. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isBegun) return;
    const batch = this.#batch;
    this.#batch = empty();
    await this.#cache?.save(batch);
  }

  #soon(): void {
    if (this.#cache && this.#isBegun) this.#timer ??= setTimeout(() => void this.flush(), pause);
  }
}
