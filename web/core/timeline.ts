import { Source, type Signal } from './signal';
import type { Item, Message, TimelineView, Waiting } from './types';

/** What a timeline needs from the rest of the core. */
export interface TimelineWorld {
  message(seq: number): Message | undefined;
  gaps(from: number, to: number): { from: number; to: number }[];
  head(): { head: number; read: number } | null;
  waiting(): Waiting[];
  arrived(author: string, clientId: string): boolean;
  /** Fetches messages and puts them into the log. */
  fetch(query: { before?: number; after?: number; around?: number; limit: number }): Promise<Message[]>;
  /** Puts what this device kept into the log: the newest messages at or below `seq`. */
  recall(seq: number, most: number): Promise<void>;
  /** Loads the chat itself, when it is not known. */
  loadChat(): Promise<void>;
}

const page = 50;
const first = 40;

/** A window over one chat's numbers: what is shown, and how it grows. */
export class TimelineWindow {
  readonly view: Signal<TimelineView>;
  readonly #source: Source<TimelineView>;
  readonly #world: TimelineWorld;
  /** First and last number shown; nothing yet when `#to` is below `#from`. */
  #from = 0;
  #to = -1;
  /** Whether the window follows the newest message. */
  #follows = true;
  #busy = false;
  #loaded = false;
  #error: string | null = null;

  constructor(world: TimelineWorld) {
    this.#world = world;
    this.#source = new Source<TimelineView>({ items: [], atStart: false, atEnd: true, loaded: false, busy: false, error: null });
    this.view = this.#source;
  }

  /** Shows the messages around `at`; without it the first unread one, or the newest. */
  async open(at?: number): Promise<void> {
    try {
      if (!this.#world.head()) await this.#world.loadChat();
      const head = this.#world.head();
      if (!head) throw new Error('This chat does not exist, or you are not in it.');
      if (at !== undefined && (await this.jumpTo(at))) return;
      if (head.head - head.read > first) await this.#around(Math.max(0, head.read));
      else await this.newest();
    } catch (error) {
      this.#error = error instanceof Error ? error.message : 'The chat could not be loaded.';
      this.refresh();
    }
  }

  async newest(): Promise<void> {
    const head = this.#world.head()?.head ?? -1;
    this.#follows = true;
    await this.#world.recall(head, first);
    this.#show(Math.max(0, head - first + 1), head);
    const missing = this.#world.gaps(this.#from, this.#to);
    if (missing.length > 0) await this.#load({ before: head + 1, limit: page });
    this.#loaded = true;
    this.refresh();
  }

  async jumpTo(seq: number): Promise<boolean> {
    const head = this.#world.head()?.head ?? -1;
    if (seq < 0 || seq > head) return false;
    if (seq >= this.#from && seq <= this.#to && this.#world.message(seq)) return true;
    await this.#around(seq);
    return this.#world.message(seq) !== undefined;
  }

  async older(): Promise<void> {
    if (this.#from <= 0 || this.#busy) return;
    const from = Math.max(0, this.#from - page);
    await this.#world.recall(this.#from - 1, page);
    if (this.#world.gaps(from, this.#from - 1).length > 0) await this.#load({ before: this.#from, limit: page });
    this.#show(from, this.#to);
  }

  async newer(): Promise<void> {
    const head = this.#world.head()?.head ?? -1;
    if (this.#to >= head || this.#busy) return;
    const to = Math.min(head, this.#to + page);
    if (this.#world.gaps(this.#to + 1, to).length > 0) await this.#load({ after: this.#to, limit: page });
    this.#follows = to >= head;
    this.#show(this.#from, to);
  }

  async fill(from: number, to: number): Promise<void> {
    await this.#load(to - from >= page ? { before: to + 1, limit: page } : { after: from - 1, limit: to - from + 1 });
    this.refresh();
  }

  trim(keep: 'older' | 'newer', most: number): void {
    if (this.#to - this.#from < most) return;
    if (keep === 'older') {
      this.#follows = false;
      this.#show(this.#from, this.#from + most - 1);
    } else this.#show(this.#to - most + 1, this.#to);
  }

  /** Looks again: the log, the outbox or the chat changed. */
  refresh(): void {
    const head = this.#world.head()?.head ?? -1;
    if (this.#follows && this.#loaded) this.#to = Math.max(this.#to, head);
    const atEnd = this.#to >= head;
    this.#source.set({
      items: this.#items(atEnd),
      atStart: this.#loaded && this.#from <= 0,
      atEnd,
      loaded: this.#loaded,
      busy: this.#busy,
      error: this.#error,
    });
  }

  async #around(seq: number): Promise<void> {
    const head = this.#world.head()?.head ?? -1;
    const half = page / 2;
    const from = Math.max(0, seq - half);
    const to = Math.min(head, seq + half);
    this.#follows = to >= head;
    if (this.#world.gaps(from, to).length > 0) await this.#load({ around: seq, limit: page });
    this.#loaded = true;
    this.#show(from, to);
  }

  #show(from: number, to: number): void {
    this.#from = from;
    this.#to = to;
    if (this.#world.gaps(from, to).length < to - from + 1) this.#loaded = true;
    this.refresh();
  }

  async #load(query: { before?: number; after?: number; around?: number; limit: number }): Promise<void> {
    this.#busy = true;
    this.refresh();
    try {
      await this.#world.fetch(query);
      this.#error = null;
    } catch (error) {
      if (!this.#loaded) this.#error = error instanceof Error ? error.message : 'The chat could not be loaded.';
    } finally {
      this.#busy = false;
    }
  }

  #items(atEnd: boolean): Item[] {
    const items: Item[] = [];
    const gaps = this.#loaded ? this.#world.gaps(this.#from, this.#to) : [];
    let nextGap = 0;
    for (let seq = this.#from; seq <= this.#to; seq += 1) {
      const gap = gaps[nextGap];
      if (gap && gap.from === seq) {
        items.push({ gap });
        seq = gap.to;
        nextGap += 1;
        continue;
      }
      const message = this.#world.message(seq);
      if (message) items.push({ message });
    }
    if (!atEnd) return items;
    const waiting = this.#world.waiting().filter(({ author, clientId }) => !this.#world.arrived(author, clientId));
    return [...items, ...waiting.map((one) => ({ waiting: one }))];
  }
}
