import { ApiError } from './api';
import { Source, type Signal } from './signal';
import type { Gap, Item, Message, TimelineView, Waiting } from './types';

/** Which messages to fetch. */
export interface MessageQuery {
  before?: number;
  after?: number;
  around?: number;
  limit: number;
}

/** What a timeline needs from the rest of the core. */
export interface TimelineWorld {
  message(seq: number): Message | undefined;
  gaps(from: number, to: number): Gap[];
  head(): { head: number; read: number } | null;
  waiting(): Waiting[];
  arrived(author: string, clientId: string): boolean;
  /** Fetches messages and puts them into the log. */
  fetch(query: MessageQuery): Promise<void>;
  /** Puts what this device kept of a stretch into the log. */
  recall(from: number, to: number): Promise<void>;
  /** Loads the chat itself, when it is not known. */
  loadChat(): Promise<void>;
  /** Lets go of messages that are far from what is shown. */
  forgetFar(): void;
}

const page = 50;
const first = 40;
/** So many messages fill a screen. */
const few = 15;
/** A page that comes at all mostly comes sooner. */
const moment = 1000;
/** To an outsider every chat is one that is not there. */
const missing = (): ApiError => new ApiError(404, 'no_such_chat', '');

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
  #busy = 0;
  #loaded = false;
  #error: unknown = null;
  /** Where it was asked to open, as long as that did not work. */
  #wanted: number | undefined;

  constructor(world: TimelineWorld) {
    this.#world = world;
    this.#source = new Source<TimelineView>({ items: [], atStart: false, atEnd: true, loaded: false, busy: false, error: null });
    this.view = this.#source;
  }

  /** The stretch that is looked at. */
  get shown(): Gap {
    return { from: this.#from, to: this.#to };
  }

  /** Shows the messages around `at`; without it the first unread one, or the newest. */
  async open(at?: number): Promise<void> {
    this.#wanted = at;
    try {
      if (!this.#world.head()) await this.#world.loadChat();
      const head = this.#world.head();
      if (!head) throw missing();
      if (at !== undefined && (await this.jumpTo(at))) return;
      if (head.head - head.read > first) await this.#around(Math.max(0, head.read));
      else await this.newest();
    } catch (error) {
      this.#error = reasonOf(error);
      this.refresh();
    }
  }

  async newest(): Promise<void> {
    const { head } = this.#ends();
    const from = Math.max(0, head - first + 1);
    await this.#world.recall(from, head);
    this.#follows = true;
    const show = (): void => this.#show(from, this.#ends().head);
    const showing = this.#isLittle(from, head) ? setTimeout(show, moment) : show();
    if (this.#gaps(from, head).length > 0) await this.#load({ before: head + 1, limit: page });
    if (showing !== undefined) {
      clearTimeout(showing);
      if (!this.#isEmpty(from, head)) this.#error = null;
      show();
    }
    this.#loaded = true;
    this.refresh();
  }

  /** Whether of the newest messages there are a few, which would move as soon as the others come: they wait a moment for them. */
  #isLittle(from: number, head: number): boolean {
    const gap = this.#gaps(from, head).at(-1);
    return gap !== undefined && head - gap.to < few;
  }

  async jumpTo(seq: number): Promise<boolean> {
    if (seq < 0 || seq > this.#ends().head) return false;
    if (seq >= this.#from && seq <= this.#to && this.#world.message(seq)) return true;
    await this.#around(seq);
    return this.#world.message(seq) !== undefined;
  }

  async older(most = page): Promise<boolean> {
    if (this.#from <= 0 || this.#busy > 0) return false;
    const to = this.#from - 1;
    const from = Math.max(0, this.#from - most);
    await this.#bring(from, to, { before: to + 1, limit: page });
    // What did not come is asked for next time, and no hole is left.
    const first = (this.#gaps(from, to).at(-1)?.to ?? from - 1) + 1;
    if (first > to || this.#from !== to + 1) return false;
    this.#show(first, this.#to);
    return true;
  }

  async newer(most = page): Promise<boolean> {
    const { head } = this.#ends();
    if (this.#to >= head || this.#busy > 0) return false;
    const from = this.#to + 1;
    const to = Math.min(head, this.#to + most);
    await this.#bring(from, to, { after: from - 1, limit: page });
    const last = (this.#gaps(from, to)[0]?.from ?? to + 1) - 1;
    if (last < from || this.#to !== from - 1) return false;
    this.#follows = last >= this.#ends().head;
    this.#show(this.#from, last);
    return true;
  }

  async fill(from: number, to: number): Promise<void> {
    const isLong = to - from >= page;
    await this.#load(isLong ? { before: to + 1, limit: page } : { after: from - 1, limit: to - from + 1 });
    this.refresh();
  }

  trim(from: number, to: number): void {
    const [first, last] = [Math.max(from, this.#from), Math.min(to, this.#to)];
    if (last < first) return;
    this.#follows &&= last === this.#to;
    this.#show(first, last);
    this.#world.forgetFar();
  }

  /** The connection is back: tries again what did not work, and fetches what is newest. */
  async heal(): Promise<void> {
    if (this.#busy > 0) return;
    if (!this.#loaded || this.#error) return this.open(this.#wanted);
    const last = this.#gaps(this.#from, this.#to).at(-1);
    if (last && (this.#follows || last.to - last.from < page)) await this.#load({ before: last.to + 1, limit: page });
    this.refresh();
  }

  /** Looks again: the log, the outbox or the chat changed. */
  refresh(): void {
    const { head } = this.#ends();
    if (this.#follows && this.#loaded) this.#to = Math.max(this.#to, head);
    const atEnd = this.#to >= head;
    this.#source.set({
      items: this.#items(atEnd),
      atStart: this.#loaded && this.#from <= 0,
      atEnd,
      loaded: this.#loaded,
      busy: this.#busy > 0,
      error: this.#error,
    });
  }

  async #around(seq: number): Promise<void> {
    const { head } = this.#ends();
    const from = Math.max(0, seq - page / 2);
    const to = Math.min(head, seq + page / 2);
    await this.#bring(from, to, { around: seq, limit: page + 1 });
    this.#follows = to >= this.#ends().head;
    this.#loaded = true;
    this.#show(from, to);
  }

  /** Brings a stretch into memory: from this device, else from the server. */
  async #bring(from: number, to: number, query: MessageQuery): Promise<void> {
    await this.#world.recall(from, to);
    if (this.#gaps(from, to).length > 0) await this.#load(query);
  }

  #show(from: number, to: number): void {
    this.#from = from;
    this.#to = to;
    if (!this.#isEmpty(from, to)) this.#loaded = true;
    this.refresh();
  }

  #isEmpty(from: number, to: number): boolean {
    return this.#gaps(from, to).reduce((sum, gap) => sum - (gap.to - gap.from + 1), to - from + 1) <= 0;
  }

  async #load(query: MessageQuery): Promise<void> {
    this.#busy += 1;
    this.refresh();
    try {
      await this.#world.fetch(query);
      this.#error = null;
    } catch (error) {
      if (!this.#loaded) this.#error = reasonOf(error);
    } finally {
      this.#busy -= 1;
      this.refresh();
    }
  }

  #ends(): { head: number; read: number } {
    return this.#world.head() ?? { head: -1, read: -1 };
  }

  #gaps(from: number, to: number): Gap[] {
    return this.#world.gaps(from, to);
  }

  #items(atEnd: boolean): Item[] {
    const items: Item[] = [];
    const gaps = this.#loaded ? this.#gaps(this.#from, this.#to) : [];
    let next = this.#from;
    const messages = (to: number): void => {
      for (; next <= to; next += 1) {
        const message = this.#world.message(next);
        if (message) items.push({ message });
      }
    };
    for (const gap of gaps) {
      messages(gap.from - 1);
      items.push({ gap });
      next = gap.to + 1;
    }
    messages(this.#to);
    if (!atEnd) return items;
    const waiting = this.#world.waiting().filter(({ author, clientId }) => !this.#world.arrived(author, clientId));
    return [...items, ...waiting.map((one) => ({ waiting: one }))];
  }
}

const reasonOf = (error: unknown): unknown => (error instanceof ApiError && error.status === 404 ? missing() : error);
