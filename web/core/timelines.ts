import { withQuery, type Api } from './api';
import type { Cache } from './db';
import type { Timeline } from './surface';
import type { Outbox } from './outbox';
import { Quotes } from './quotes';
import type { Signal } from './signal';
import type { Store } from './store';
import { TimelineWindow, type MessageQuery } from './timeline';
import type { Gap, Message, Page } from './types';

const keptUnseen = 200;
const keptAround = 100;
/** Of so many unread messages a few are worth a line. */
const pageAfter = 20;
const mostInMemory = 1_000;

/** What open timelines read from. */
export interface TimelinesWorld {
  api: Api;
  store: Store;
  cache(): Cache | null;
  outbox(): Outbox | null;
  loadChat(chat: string): Promise<void>;
}

/** The timelines that are open, and the memory that messages take. */
export class Timelines {
  readonly #world: TimelinesWorld;
  readonly #open = new Map<string, Set<TimelineWindow>>();
  readonly #quotes = new Map<string, Quotes>();

  constructor(world: TimelinesWorld) {
    this.#world = world;
  }

  open(chat: string, at: number | undefined): Timeline {
    const { store } = this.#world;
    const timeline = new TimelineWindow({
      message: (seq) => this.#shown(store.log(chat).get(seq)),
      gaps: (from, to) => store.log(chat).gaps(from, to),
      head: () => this.#headOf(chat),
      waiting: () => this.#world.outbox()?.of(chat) ?? [],
      arrived: (author, clientId) => store.log(chat).arrived(author, clientId),
      fetch: (query) => this.#fetch(chat, query),
      recall: (from, to) => this.#recall(chat, from, to),
      loadChat: () => this.#world.loadChat(chat),
      forgetFar: () => this.#forgetFar(chat),
    });
    const windows = this.#windows(chat);
    this.#open.set(chat, windows.add(timeline));
    const quotes = this.#quotesOf(chat);
    const stops = [store.logVersion.of(chat), store.chat.of(chat)].map((signal) => signal.subscribe(() => timeline.refresh()));
    stops.push(store.logVersion.of(chat).subscribe(() => quotes.refresh()));
    void timeline.open(at);
    const close = (): void => {
      for (const stop of stops) stop();
      windows.delete(timeline);
      if (windows.size === 0) this.#quotes.delete(chat);
      this.#forgetFar(chat);
    };
    return Object.assign(timeline, { close, quoted: (seq: number): Signal<Message | null | undefined> => quotes.of(seq) });
  }

  /** The messages right above a number, as many as come with one question; without an answer those of this device. */
  async after(chat: string, seq: number): Promise<Message[]> {
    const { store } = this.#world;
    const to = Math.min(seq + pageAfter, this.#headOf(chat)?.head ?? -1);
    await this.#recall(chat, seq + 1, to);
    // Without an answer there are fewer.
    if (store.log(chat).gaps(seq + 1, to).length > 0) await this.#fetch(chat, { after: seq, limit: pageAfter }).catch(() => undefined);
    const numbers = Array.from({ length: Math.max(0, to - seq) }, (_, n) => seq + 1 + n);
    return numbers.flatMap((number) => this.#shown(store.log(chat).get(number)) ?? []);
  }

  /** The outbox changed. */
  refresh(): void {
    for (const timeline of this.#all()) timeline.refresh();
  }

  /** The chats have another history: whatever is open is loaded anew. */
  startOver(): void {
    for (const timeline of this.#all()) void timeline.open();
  }

  /** The connection is back. */
  heal(): void {
    for (const timeline of this.#all()) void timeline.heal();
    for (const quotes of this.#quotes.values()) quotes.heal();
  }

  /** Lets go of messages that nobody looks at, if they are many. */
  forgetUnseen(): void {
    for (const chat of this.#world.store.held()) this.#forgetFar(chat);
  }

  #forgetFar(chat: string): void {
    const { store } = this.#world;
    const log = store.log(chat);
    if (log.size <= mostInMemory) return;
    const head = store.applied(chat).seq;
    const seen = [...this.#windows(chat)].map(({ shown }): Gap => ({ from: shown.from - keptAround, to: shown.to + keptAround }));
    log.keepOnly([...seen, { from: head - keptUnseen, to: head }]);
  }

  #quotesOf(chat: string): Quotes {
    const { store } = this.#world;
    const quotes = this.#quotes.get(chat) ?? new Quotes({ held: (seq) => store.log(chat).get(seq), fetch: (seq) => this.#fetchOne(chat, seq) });
    this.#quotes.set(chat, quotes);
    return quotes;
  }

  async #fetchOne(chat: string, seq: number): Promise<Message> {
    const message = await this.#world.api.call<Message>('GET', `/v1/chats/${chat}/messages/${seq}`);
    this.#world.store.takeMessages(chat, [message]);
    return message;
  }

  /** A message with what waits in the outbox for it. */
  #shown(message: Message | undefined): Message | undefined {
    return message && (this.#world.outbox()?.overlay(message) ?? message);
  }

  #windows(chat: string): Set<TimelineWindow> {
    return this.#open.get(chat) ?? new Set();
  }

  #all(): TimelineWindow[] {
    return [...this.#open.values()].flatMap((windows) => [...windows]);
  }

  #headOf(chat: string): { head: number; read: number } | null {
    const row = this.#world.store.chat.of(chat).get();
    return row ? { head: row.head_seq, read: row.read_seq } : null;
  }

  async #fetch(chat: string, query: MessageQuery): Promise<void> {
    const path = withQuery(`/v1/chats/${chat}/messages`, { ...query });
    const { items } = await this.#world.api.call<Page<Message>>('GET', path);
    this.#world.store.takeMessages(chat, items);
  }

  async #recall(chat: string, from: number, to: number): Promise<void> {
    const { store } = this.#world;
    if (store.log(chat).gaps(from, to).length === 0) return;
    const kept = (await this.#world.cache()?.messages(chat, from, to)) ?? [];
    store.recall(chat, kept);
  }
}
