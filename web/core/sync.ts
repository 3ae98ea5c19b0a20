import { ApiError, withQuery, type Api } from './api';
import { Retrying } from './retrying';
import type { Repair } from './around';
import type { Store } from './store';
import type { Changes, Chat, Message, Page } from './types';

const pages = 5;
const pageSize = 100;
const most = 300;
const newest = 50;
/** Events on their way may fill a hole by themselves. */
const moment = 200;

/** Fetches what the numbers say is missing. The same hole is asked for once at a time, until it is filled. */
export class Sync implements Repair {
  readonly #api: Api;
  readonly #store: () => Store;
  readonly #work: Retrying;
  readonly #onChat: (chat: Chat) => void;
  readonly #onStartOver: (chat: string) => void;
  readonly #from = new Map<string, number>();
  /** Where the chat list goes on, null at its end. */
  #next: string | null = null;

  /**
   * `onChat` hears of every chat as the server knows it, after the store has taken it; `onStartOver` of chats that
   * could not be brought forward and were fetched anew.
   */
  constructor(
    api: Api,
    store: () => Store,
    random: () => number,
    onChat: (chat: Chat) => void,
    onStartOver: (chat: string) => void,
  ) {
    this.#api = api;
    this.#store = store;
    this.#onChat = onChat;
    this.#onStartOver = onStartOver;
    this.#work = new Retrying(random);
  }

  messages(chat: string, after: number): void {
    this.#from.set(chat, Math.min(after, this.#from.get(chat) ?? after));
    this.#work.ask(`messages:${chat}`, () => this.#fill(chat), moment);
  }

  changes(chat: string): void {
    this.#work.ask(`changes:${chat}`, () => this.#catchUp(chat));
  }

  unknown(chat: string): void {
    this.#work.ask(`unknown:${chat}`, () => this.#meet(chat), moment);
  }

  /** Compares everything with the server: my chats, and through their numbers what happened in them. */
  compare(): void {
    this.#work.ask('chats', () => this.readChats());
    this.#work.hurry();
  }

  stop(): void {
    this.#work.stop();
    this.forget();
  }

  /** Holes and places in lists of before stand for nothing any more. */
  forget(): void {
    this.#from.clear();
    this.#next = null;
  }

  async readChats(): Promise<void> {
    const mine = this.#store().known().filter((chat) => chat.role !== null);
    const seen = new Set<string>();
    for (let page = 0; page < pages && (page === 0 || this.#next); page += 1) {
      const found = await this.fetchPage(page === 0 ? null : this.#next);
      this.takePage(found);
      for (const { id } of found.items) seen.add(id);
    }
    if (this.#next) return;
    const isMissing = ({ id }: Chat): boolean => !seen.has(id);
    // Those that are archived are a list of their own.
    if (mine.filter(isMissing).some(({ archived }) => archived)) for (let next: string | null = null; (next = await this.moreArchived(next, seen)); );
    // The lists are whole. A chat may have moved between their pages, so what is not in them is asked for.
    for (const { id } of mine.filter(isMissing)) await this.look(id);
  }

  /** Loads chats that are archived. Answers where they go on. */
  async moreArchived(cursor: string | null, seen?: Set<string>): Promise<string | null> {
    const { items, next } = await this.fetchPage(cursor, 'true');
    this.#store().takeChats(items);
    for (const { id } of items) seen?.add(id);
    return next;
  }

  /** Looks at the newest of the list: what has no number, such as a marker moved elsewhere, may have been lost. */
  async glance(): Promise<void> {
    const { items } = await this.fetchPage(null);
    this.#store().takeChats(items);
    items.forEach(this.#onChat);
  }

  /** Loads more of the chat list. False when there is no more. */
  async moreChats(): Promise<boolean> {
    if (this.#next) this.takePage(await this.fetchPage(this.#next));
    return this.#next !== null;
  }

  fetchPage(cursor: string | null, archived: string | null = null): Promise<Page<Chat>> {
    return this.#api.call('GET', withQuery('/v1/chats', { archived, limit: pageSize, cursor }));
  }

  takePage({ items, next }: Page<Chat>): void {
    this.#store().takeChats(items);
    items.forEach(this.#onChat);
    this.#next = next;
  }

  /** Reads one chat anew, and forgets it if it is not there for me. */
  async look(chat: string): Promise<void> {
    try {
      this.#store().takeChat(await this.#api.call<Chat>('GET', `/v1/chats/${encodeURIComponent(chat)}`));
    } catch (error) {
      if (!isGone(error)) throw error;
      this.#store().forgetChat(chat);
    }
  }

  async #meet(chat: string): Promise<void> {
    if (this.#store().chat.of(chat).get() === undefined) await this.look(chat);
  }

  async #fill(chat: string): Promise<void> {
    const head = this.#store().applied(chat).seq;
    const after = this.#from.get(chat) ?? head;
    this.#from.delete(chat);
    // After a long absence the newest are fetched; the rest stays a gap, which is filled when it is looked at.
    const from = head - after > most ? head - newest + 1 : after + 1;
    try {
      await this.#lookIfGone(chat, () => this.#fillGaps(chat, from, head));
    } catch (error) {
      this.#from.set(chat, Math.min(after, this.#from.get(chat) ?? after));
      throw error;
    }
  }

  async #fillGaps(chat: string, from: number, to: number): Promise<void> {
    for (const gap of this.#store().log(chat).gaps(from, to)) {
      for (let next = gap.from; next <= gap.to; ) {
        const limit = Math.min(pageSize, gap.to - next + 1);
        const path = withQuery(`/v1/chats/${chat}/messages`, { after: next - 1, limit });
        const { items }: Page<Message> = await this.#api.call('GET', path);
        this.#store().takeMessages(chat, items);
        next += limit;
      }
    }
  }

  #catchUp(chat: string): Promise<void> {
    return this.#lookIfGone(chat, async () => {
      for (let isMore = true; isMore; ) {
        const after = this.#store().applied(chat).cseq;
        const path = withQuery(`/v1/chats/${chat}/changes`, { after, limit: pageSize });
        const changes: Changes = await this.#api.call('GET', path);
        if (!this.#store().takeChanges(chat, changes)) return this.#startOver(chat);
        isMore = changes.up_to_cseq > after && changes.up_to_cseq < changes.head_cseq;
      }
    });
  }

  /** Some of what happened is not known any more, even to the server. */
  async #startOver(chat: string): Promise<void> {
    this.#store().startOver(chat);
    await this.look(chat);
    this.#onStartOver(chat);
  }

  async #lookIfGone(chat: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isGone(error)) throw error;
      await this.look(chat);
    }
  }
}

const isGone = (error: unknown): boolean => error instanceof ApiError && (error.status === 404 || error.status === 403);
