import { Source, type Signal } from './signal';
import type { Client } from './surface';
import type { Message, PinItem, Task } from './types';

/** A pinned message. Who pinned it and when is not told with the event: null until the list was fetched again. */
export interface Pin {
  message: Message;
  by: string | null;
  at: string | null;
}

type PinsClient = Pick<Client, 'pins' | 'changed' | 'doing' | 'status'>;

/** What is pinned in a chat, the newest pin first, for as long as somebody looks: fetched once, then brought forward by what is told. */
export class Pins {
  readonly #list = new Source<readonly Pin[] | null>(null);
  readonly #client: PinsClient;
  readonly #chat: string;
  readonly #stops: (() => void)[];
  #held: readonly Pin[] | null = null;
  /** What was told while the list was on its way: an answer may be older. */
  #meanwhile: Message[] = [];
  #round = 0;

  constructor(client: PinsClient, chat: string) {
    this.#client = client;
    this.#chat = chat;
    this.#stops = [
      client.changed.subscribe((message) => message?.chat === chat && this.#told(message)),
      client.doing.subscribe(() => this.#show()),
      client.status.subscribe((status) => status === 'online' && void this.load()),
    ];
    void this.load();
  }

  /** Null until they were fetched. */
  get list(): Signal<readonly Pin[] | null> {
    return this.#list;
  }

  /** Fetches them. What cannot be fetched now is as soon as there is a connection. */
  async load(): Promise<void> {
    const round = ++this.#round;
    this.#meanwhile = [];
    const items: PinItem[] | null = await this.#client.pins(this.#chat).catch(() => null);
    if (items === null || round !== this.#round) return;
    this.#held = this.#meanwhile.reduce<readonly Pin[]>(withTold, items);
    this.#show();
  }

  close(): void {
    this.#round += 1;
    for (const stop of this.#stops) stop();
  }

  #told(message: Message): void {
    this.#meanwhile.push(message);
    if (!this.#held) return;
    this.#held = withTold(this.#held, message);
    this.#show();
  }

  /** Shows them without those that are to be taken away. What is to be pinned is shown by its message until the server has it. */
  #show(): void {
    const undone = new Set(this.#client.doing.get().filter((task) => this.#takesAway(task)).map(({ seq }) => seq));
    if (this.#held) this.#list.set(undone.size > 0 ? this.#held.filter(({ message }) => !undone.has(message.seq)) : this.#held);
  }

  #takesAway({ chat, kind, state }: Task): boolean {
    return chat === this.#chat && (kind === 'unpin' || kind === 'delete') && state !== 'failed';
  }
}

/** The pins after a message is known as it is now. */
function withTold(pins: readonly Pin[], message: Message): readonly Pin[] {
  const held = pins.find((pin) => pin.message.seq === message.seq);
  if (!message.pinned || message.deleted) return held && held.message.cseq <= message.cseq ? pins.filter((pin) => pin !== held) : pins;
  if (!held) return [{ message, by: null, at: null }, ...pins];
  return held.message.cseq < message.cseq ? pins.map((pin) => (pin === held ? { ...pin, message } : pin)) : pins;
}
