import type { Client } from './surface';
import type { Acked, Chat } from './types';

type AcksClient = Pick<Client, 'ack' | 'chats' | 'looked' | 'status'>;

/** The shortest time between two frames. */
const pace = 1_000;
/** What comes together is told together. */
const moment = 50;
/** Of larger chats nothing is kept, so nothing is told. */
const mostCounted = 5_000;
/** As many chats as one frame may name. */
const most = 64;

const nothing: Acked = { delivered: -1, seen: -1 };

/** Tells the server what this device has and what was in front of its person: hints, gathered, and lost without harm. */
export class Acks {
  readonly #client: AcksClient;
  readonly #now: () => number;
  readonly #seen = new Map<string, number>();
  readonly #told = new Map<string, Acked>();
  #last = -pace;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: AcksClient, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
    client.chats.subscribe(() => this.#soon());
    client.looked.subscribe((at) => (at ? this.#saw(at.chat, at.seq) : this.#forget()));
    client.status.subscribe((status) => {
      if (status === 'online') this.#again();
      if (status === 'signed-out') clearTimeout(this.#timer);
    });
    this.#soon();
  }

  #saw(chat: string, seq: number): void {
    if (seq <= (this.#seen.get(chat) ?? -1)) return;
    this.#seen.set(chat, seq);
    this.#soon();
  }

  /** There is a connection again. What was told over the one before may never have come. */
  #again(): void {
    this.#told.clear();
    this.#soon();
  }

  /** What was seen was seen of another history. */
  #forget(): void {
    this.#seen.clear();
    this.#told.clear();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.#tell(), Math.max(moment, this.#last + pace - this.#now()));
  }

  #tell(): void {
    this.#timer = undefined;
    const news = this.#client.chats.get().flatMap((chat) => this.#news(chat) ?? []);
    const now = news.slice(0, most);
    if (now.length === 0 || !this.#client.ack(Object.fromEntries(now))) return;
    this.#last = this.#now();
    for (const [chat, acked] of now) this.#told.set(chat, acked);
    if (news.length > most) this.#soon();
  }

  /** What is to be told of a chat. What was read was seen and is here: the read marker says so. */
  #news({ id, role, member_count, head_seq: delivered, read_seq }: Chat): [string, Acked][] | null {
    const told = this.#told.get(id) ?? nothing;
    const seen = Math.min(this.#seen.get(id) ?? -1, delivered);
    const isNew = delivered > Math.max(told.delivered, read_seq) || seen > Math.max(told.seen, read_seq);
    return role !== null && member_count <= mostCounted && isNew ? [[id, { delivered, seen }]] : null;
  }
}
