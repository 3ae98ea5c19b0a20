import { Ranges } from './ranges';
import type { Gap, Message } from './types';

/** The messages of one chat that are in memory, by number. */
export class MessageLog {
  readonly #messages = new Map<number, Message>();
  readonly #clientIds = new Map<string, number>();
  #ranges = new Ranges();

  get(seq: number): Message | undefined {
    return this.#messages.get(seq);
  }

  /** Keeps a message, unless this or a later version of it is here. Answers whether anything changed. */
  put(message: Message): boolean {
    const held = this.#messages.get(message.seq);
    if (held && held.cseq >= message.cseq) return false;
    this.#messages.set(message.seq, message);
    this.#clientIds.set(nameOf(message), message.seq);
    this.#ranges.add(message.seq, message.seq);
    return true;
  }

  /** Puts another copy in the place of one that is held, whatever their versions. */
  replace(message: Message): void {
    if (this.#messages.has(message.seq)) this.#messages.set(message.seq, message);
  }

  /** Whether this author's message with this client id has arrived. */
  arrived(author: string, clientId: string): boolean {
    return this.#clientIds.has(`${author}:${clientId}`);
  }

  /** The stretches of `from` to `to` that are not here. */
  gaps(from: number, to: number): Gap[] {
    return this.#ranges.gaps(from, to);
  }

  /** Forgets all but these stretches. */
  keepOnly(stretches: readonly Gap[]): void {
    const isKept = (seq: number): boolean => stretches.some(({ from, to }) => from <= seq && seq <= to);
    const dropped = [...this.#messages.values()].filter(({ seq }) => !isKept(seq));
    for (const message of dropped) {
      this.#messages.delete(message.seq);
      this.#clientIds.delete(nameOf(message));
    }
    this.#ranges = new Ranges();
    for (const seq of this.#messages.keys()) this.#ranges.add(seq, seq);
  }

  get size(): number {
    return this.#messages.size;
  }
}

const nameOf = ({ author, client_id }: Message): string => `${author}:${client_id}`;
