import { Family, type Signal } from './signal';
import type { Client } from './surface';
import type { Message, Receipt } from './types';

type ReceiptsClient = Pick<Client, 'receipts' | 'receiptsTold' | 'settings' | 'status'>;
type Known = ReadonlyMap<string, Receipt>;

/** How far a message came: it is stored, every one of the others has it, or saw it. */
export type Reach = 'sent' | 'delivered' | 'seen';

/** Who has the messages of chats and who saw them: fetched when a chat is opened, then brought forward by what is told. */
export class Receipts {
  readonly #client: ReceiptsClient;
  readonly #known = new Family<Known>(() => new Map());
  /** The chat that was opened last. */
  #open: string | null = null;
  /** What was told while an answer was on its way. */
  #meanwhile: Receipt[] = [];
  #round = 0;
  #isTold: boolean;

  constructor(client: ReceiptsClient) {
    this.#client = client;
    this.#isTold = client.settings.get().receipts;
    client.receiptsTold.subscribe((told) => told && this.#take(told.chat, told.receipts));
    client.status.subscribe((status) => status === 'online' && void this.#load());
    client.settings.subscribe(({ receipts }) => {
      if (receipts === this.#isTold) return;
      this.#isTold = receipts;
      void this.#load();
    });
  }

  /** The receipts of a chat that is looked at, by person. */
  open(chat: string): Signal<Known> {
    if (this.#open !== chat) {
      this.#open = chat;
      void this.#load();
    }
    return this.#known.of(chat);
  }

  async #load(): Promise<void> {
    const chat = this.#open;
    const round = ++this.#round;
    this.#meanwhile = [];
    if (chat === null) return;
    const receipts = await this.#client.receipts(chat).catch(() => null);
    // Without an answer those that are known stay; they are asked for again with the connection.
    if (receipts && round === this.#round) this.#known.of(chat).set(this.#meanwhile.reduce(withReceipt, byUser(receipts)));
  }

  #take(chat: string, receipts: readonly Receipt[]): void {
    if (chat === this.#open) this.#meanwhile.push(...receipts);
    const known = this.#known.of(chat);
    known.set(receipts.reduce(withReceipt, known.get()));
  }
}

const byUser = (receipts: readonly Receipt[]): Known => new Map(receipts.map((receipt) => [receipt.user, receipt]));

/** Numbers never fall; whether somebody says what they saw is as they said last. */
function withReceipt(known: Known, told: Receipt): Known {
  const held = known.get(told.user);
  const seen = told.seen === null ? null : Math.max(told.seen, held?.seen ?? -1);
  const delivered = Math.max(told.delivered, held?.delivered ?? -1);
  return new Map(known).set(told.user, { ...told, delivered, seen });
}

/** The others to whom a message of a chat was written, as far as they are known. */
export function others(known: Known, message: Pick<Message, 'seq' | 'author'>): Receipt[] {
  return [...known.values()].filter(({ user, joined_seq }) => user !== message.author && joined_seq < message.seq);
}

/** How far a message came with everybody it was written to. */
export function reachOf(known: Known, message: Pick<Message, 'seq' | 'author'>): Reach {
  const to = others(known, message);
  if (to.length === 0 || to.some(({ delivered }) => delivered < message.seq)) return 'sent';
  return to.every(({ seen }) => seen !== null && seen >= message.seq) ? 'seen' : 'delivered';
}

/** Who saw a message, as far as they tell. */
export const viewersOf = (known: Known, message: Pick<Message, 'seq' | 'author'>): string[] =>
  others(known, message).flatMap(({ user, seen }) => (seen !== null && seen >= message.seq ? [user] : []));
