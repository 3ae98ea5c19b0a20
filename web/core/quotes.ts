import { ApiError } from './api';
import { Source, type Signal } from './signal';
import type { Message } from './types';

/** Where quoted messages come from. */
export interface QuotesWorld {
  held(seq: number): Message | undefined;
  /** Asks the server, and puts the message into the log. */
  fetch(seq: number): Promise<Message>;
}

/**
 * The messages of one chat that others answer, as they are now: undefined while on its way, null if there is none.
 * Each is asked for once, however many answers name it; that there is none is remembered.
 */
export class Quotes {
  readonly #world: QuotesWorld;
  readonly #known = new Map<number, Source<Message | null | undefined>>();
  readonly #asked = new Set<number>();

  constructor(world: QuotesWorld) {
    this.#world = world;
  }

  of(seq: number): Signal<Message | null | undefined> {
    const known = this.#known.get(seq) ?? new Source<Message | null | undefined>(this.#world.held(seq));
    this.#known.set(seq, known);
    if (known.get() === undefined) void this.#ask(seq, known);
    return known;
  }

  /** The log changed: takes newer versions of what is quoted. */
  refresh(): void {
    for (const [seq, known] of this.#known) {
      const held = this.#world.held(seq);
      if (held && held.cseq >= (known.get()?.cseq ?? -1)) known.set(held);
    }
  }

  /** The connection is back: asks again for what could not be asked. */
  heal(): void {
    for (const [seq, known] of this.#known) if (known.get() === undefined) void this.#ask(seq, known);
  }

  async #ask(seq: number, known: Source<Message | null | undefined>): Promise<void> {
    if (this.#asked.has(seq)) return;
    this.#asked.add(seq);
    try {
      known.set(await this.#world.fetch(seq));
    } catch (error) {
      if (error instanceof ApiError && !error.isPassing) known.set(null);
      else this.#asked.delete(seq);
    }
  }
}
