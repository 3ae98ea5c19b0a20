import { Ranges } from './ranges';
import type { Message } from './types';

/** The messages of one chat that are in memory, by number. */
export class MessageLog {
  readonly #messages = new Map<number, Message>();
  readonly #clientIds = new Map<string, number>();
  readonly ranges = new Ranges();

  get(seq: number): Message | undefined {
    return this.#messages.get(seq);
  }

  /** Keeps a message, unless a later version of it is here. Answers whether anything changed. */
  put(message: Message): boolean {
    const held = this.#messages.get(message.seq);
    if (held && held.cseq >= message.cseq) return false;
    this.#messages.set(message.seq, message);
    this.#clientIds.set(`${message.author}:${message.client_id}`, message.seq);
    this.ranges.add(message.seq, message.seq);
    return true;
  }

  /** Whether this author's message with this client id has arrived. */
  arrived(author: string, clientId: string): boolean {
    return this.#clientIds.has(`${author}:${clientId}`);
  }

  /** The newest `most` messages at or below `seq`. */
  newest(seq: number, most: number): Message[] {
    const found: Message[] = [];
    for (let n = seq; n >= 0 && found.length < most; n -= 1) {
      const message = this.#messages.get(n);
      if (!message) break;
      found.unshift(message);
    }
    return found;
  }

  get size(): number {
    return this.#messages.size;
  }
}
