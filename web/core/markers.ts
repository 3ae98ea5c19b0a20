import { choicesOf, choosing } from './choices';
import type { Outbox } from './outbox';
import type { Store } from './store';
import type { Chat } from './types';

/** Tells the server how far I have read, by the outbox: only the newest number of each chat. */
export class Markers {
  readonly #store: Store;
  readonly #outbox: () => Outbox | null;
  readonly #told = new Map<string, number>();

  constructor(store: Store, outbox: () => Outbox | null) {
    this.#store = store;
    this.#outbox = outbox;
  }

  mark(chat: string, seq: number): void {
    const row = this.#store.chat.of(chat).get();
    if (!row || row.role === null) return;
    if (seq <= row.read_seq) return this.#readAgain(row, seq);
    this.#store.readMarker(chat, seq);
    this.#tell(chat, this.#readUpTo(chat));
  }

  /** What was called unread is read again, which moves no marker. */
  #readAgain(row: Chat, seq: number): void {
    if (seq < (choicesOf(row).unread_from ?? Infinity)) return;
    void this.#outbox()?.add(row.id, { kind: 'choose', text: choosing(row, { unread_from: null }) });
  }

  /** The server knows less than this device read, such as while it was offline. */
  catchUp({ id, role, read_seq }: Chat): void {
    const ours = this.#readUpTo(id);
    const known = Math.max(read_seq, this.#told.get(id) ?? -1);
    if (role !== null && ours > known) this.#tell(id, ours);
  }

  /** The server took it. */
  told(chat: string, seq: number): void {
    this.#told.set(chat, Math.max(seq, this.#told.get(chat) ?? -1));
  }

  stop(): void {
    this.forget();
  }

  /** What was told was told of another history. */
  forget(): void {
    this.#told.clear();
  }

  #readUpTo(chat: string): number {
    return this.#store.chat.of(chat).get()?.read_seq ?? -1;
  }

  #tell(chat: string, seq: number): void {
    const outbox = this.#outbox();
    if (outbox && seq > outbox.readUpTo(chat)) void outbox.add(chat, { kind: 'read', seq });
  }
}
