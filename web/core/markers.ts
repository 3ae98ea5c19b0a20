import type { Api } from './api';
import { Retrying } from './retrying';
import type { Store } from './store';
import type { Chat } from './types';

/** Tells the server how far I have read: the newest number of each chat, once at a time. */
export class Markers {
  readonly #api: Api;
  readonly #store: Store;
  readonly #work: Retrying;
  readonly #told = new Map<string, number>();

  constructor(api: Api, store: Store, random: () => number) {
    this.#api = api;
    this.#store = store;
    this.#work = new Retrying(random);
  }

  mark(chat: string, seq: number): void {
    const row = this.#store.chat.of(chat).get();
    if (!row || row.role === null || seq <= row.read_seq) return;
    this.#store.readMarker(chat, seq);
    this.#work.ask(chat, () => this.#tell(chat));
  }

  /** The server knows less than this device read, such as while it was offline. */
  catchUp({ id, role, read_seq }: Chat): void {
    const ours = this.#store.chat.of(id).get()?.read_seq ?? -1;
    const known = Math.max(read_seq, this.#told.get(id) ?? -1);
    if (role !== null && ours > known) this.#work.ask(id, () => this.#tell(id));
  }

  hurry(): void {
    this.#work.hurry();
  }

  stop(): void {
    this.#work.stop();
    this.forget();
  }

  /** What was told was told of another history. */
  forget(): void {
    this.#told.clear();
  }

  async #tell(chat: string): Promise<void> {
    const seq = this.#store.chat.of(chat).get()?.read_seq ?? -1;
    if (seq < 0) return;
    await this.#api.call('PUT', `/v1/chats/${chat}/read-marker`, { body: { seq } });
    this.#told.set(chat, seq);
  }
}
