import { withQuery, type Api } from './api';
import type { Store, Repair } from './store';
import type { Changes, Chat, Message, Page } from './types';

const pages = 5;
const most = 300;

/** Fetches what the numbers say is missing. The same hole is asked for once at a time. */
export class Sync implements Repair {
  readonly #api: Api;
  readonly #store: () => Store;
  readonly #running = new Map<string, Promise<void>>();
  /** Where the chat list goes on, null at its end. */
  next: string | null = null;

  constructor(api: Api, store: () => Store) {
    this.#api = api;
    this.#store = store;
  }

  messages(chat: string, after: number): void {
    void this.#once(`messages:${chat}`, () => this.#fill(chat, after));
  }

  changes(chat: string, after: number): void {
    void this.#once(`changes:${chat}`, () => this.#catchUp(chat, after));
  }

  /** Compares everything with the server: my chats, and through their numbers what happened in them. */
  async compare(): Promise<void> {
    await this.#once('chats', async () => {
      const seen = new Set<string>();
      let cursor: string | null = null;
      for (let page = 0; page < pages; page += 1) {
        const found: Page<Chat> = await this.#api.call('GET', withQuery('/v1/chats', { limit: 100, cursor }));
        for (const chat of found.items) {
          seen.add(chat.id);
          this.#store().takeChat(chat);
        }
        cursor = found.next;
        if (!cursor) break;
      }
      this.next = cursor;
      if (cursor) return;
      // The list is whole: what is not in it is not mine any more.
      for (const chat of this.#store().known()) {
        if (!seen.has(chat.id) && chat.role !== null) this.#store().forgetChat(chat.id);
      }
    });
  }

  async #fill(chat: string, after: number): Promise<void> {
    const head = this.#store().applied(chat).seq;
    // A long absence is left as a gap that is filled when it is looked at.
    if (head - after > most) return;
    for (let from = after; from < head; ) {
      const path = withQuery(`/v1/chats/${chat}/messages`, { after: from, limit: 100 });
      const { items }: Page<Message> = await this.#api.call('GET', path);
      const last = items.at(-1);
      if (!last) return;
      this.#store().takeMessages(chat, items);
      from = last.seq;
    }
  }

  async #catchUp(chat: string, after: number): Promise<void> {
    for (let from = after; ; ) {
      const path = withQuery(`/v1/chats/${chat}/changes`, { after: from, limit: 100 });
      const changes: Changes = await this.#api.call('GET', path);
      this.#store().takeChanges(chat, changes);
      if (changes.up_to_cseq >= changes.head_cseq || changes.up_to_cseq <= from) return;
      from = changes.up_to_cseq;
    }
  }

  #once(key: string, work: () => Promise<void>): Promise<void> {
    const running = this.#running.get(key);
    if (running) return running;
    const started = work()
      .catch(() => {
        // Asked again at the next connection, or when the numbers jump again.
      })
      .finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }
}
