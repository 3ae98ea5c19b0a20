import { ApiError } from './api';
import { backoff } from './backoff';
import type { Cache, Outgoing } from './db';
import { uuid } from './id';
import { Source } from './signal';
import type { Message, Waiting } from './types';

/** What the outbox needs from outside. */
export interface OutboxWorld {
  cache: Pick<Cache, 'outgoing' | 'saveOutgoing' | 'dropOutgoing'>;
  author: string;
  send(message: Outgoing): Promise<Message>;
  sent(message: Message): void;
  now(): number;
  random(): number;
  /** Runs `work` in one tab at a time, for as long as it lasts. */
  alone(work: () => Promise<void>): void;
  /** Tells other tabs that the outbox changed. */
  tell(): void;
}

/**
 * Messages that were written and not yet acknowledged. They survive a closed tab, are sent by one tab, in
 * the order they were written in each chat, and as often as it takes: the client id makes repeats harmless.
 */
export class Outbox {
  readonly waiting = new Source<readonly Outgoing[]>([]);
  readonly #world: OutboxWorld;
  readonly #busy = new Set<string>();
  readonly #attempts = new Map<string, number>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Written here and not yet in the database, and gone from here: what a reading made meanwhile cannot know. */
  readonly #unsaved = new Set<string>();
  readonly #gone = new Set<string>();
  #isLeader = false;
  #last = 0;
  #stop: () => void = () => {};

  constructor(world: OutboxWorld) {
    this.#world = world;
  }

  async start(): Promise<void> {
    await this.reload();
    this.#world.alone(() => this.#lead());
  }

  stop(): void {
    this.#isLeader = false;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#stop();
  }

  /** Reads what another tab wrote. */
  async reload(): Promise<void> {
    const stored = await this.#world.cache.outgoing();
    const known = new Map(this.waiting.get().map((message) => [message.clientId, message]));
    this.#last = Math.max(this.#last, ...stored.map((message) => message.n));
    const fresh = (message: Outgoing): Outgoing => {
      const own = known.get(message.clientId);
      return own && this.#busy.has(message.chat) ? own : message;
    };
    const unsaved = this.waiting.get().filter((message) => this.#unsaved.has(message.clientId));
    const saved = stored.filter(({ clientId }) => !this.#gone.has(clientId) && !this.#unsaved.has(clientId));
    this.waiting.set([...saved.map(fresh), ...unsaved].sort((a, b) => a.n - b.n));
    if (this.#isLeader) this.#sendAll();
  }

  async add(chat: string, text: string, replyTo: number | null): Promise<void> {
    const now = this.#world.now();
    this.#last = Math.max(this.#last + 1, now * 1000);
    const message: Outgoing = {
      clientId: uuid(now),
      chat,
      author: this.#world.author,
      text,
      replyTo,
      at: new Date(now).toISOString(),
      state: 'queued',
      reason: null,
      n: this.#last,
    };
    this.#unsaved.add(message.clientId);
    this.waiting.update((waiting) => [...waiting, message]);
    await this.#world.cache.saveOutgoing(message);
    this.#unsaved.delete(message.clientId);
    this.#world.tell();
    if (this.#isLeader) this.#sendNext(chat);
  }

  async retry(clientId: string): Promise<void> {
    const message = this.#find(clientId);
    if (!message) return;
    await this.#change(clientId, { state: 'queued', reason: null });
    this.#world.tell();
    if (this.#isLeader) this.#sendNext(message.chat);
  }

  async discard(clientId: string): Promise<void> {
    await this.#drop(clientId);
    this.#world.tell();
  }

  /** The network is back: nobody waits any longer. */
  hurry(): void {
    if (!this.#isLeader) return;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#attempts.clear();
    this.#sendAll();
  }

  of(chat: string): Waiting[] {
    return this.waiting.get().filter((message) => message.chat === chat);
  }

  async #lead(): Promise<void> {
    this.#isLeader = true;
    const ended = new Promise<void>((resolve) => (this.#stop = resolve));
    await this.reload();
    await ended;
  }

  #sendAll(): void {
    for (const chat of new Set(this.waiting.get().map((message) => message.chat))) this.#sendNext(chat);
  }

  #sendNext(chat: string): void {
    if (!this.#isLeader || this.#busy.has(chat) || this.#timers.has(chat)) return;
    const next = this.waiting.get().find((message) => message.chat === chat && message.state !== 'failed');
    if (!next) return;
    this.#busy.add(chat);
    void this.#attempt(next).finally(() => {
      this.#busy.delete(chat);
      this.#sendNext(chat);
    });
  }

  async #attempt(message: Outgoing): Promise<void> {
    this.#show(message.clientId, { state: 'sending' });
    try {
      const sent = await this.#world.send(message);
      this.#attempts.delete(message.chat);
      this.#world.sent(sent);
      await this.#drop(message.clientId);
      this.#world.tell();
    } catch (error) {
      await this.#failed(message, error);
    }
  }

  async #failed(message: Outgoing, error: unknown): Promise<void> {
    const passing = !(error instanceof ApiError) || error.isPassing || error.status === 401;
    if (!passing) {
      await this.#change(message.clientId, { state: 'failed', reason: (error as ApiError).message });
      this.#world.tell();
      return;
    }
    this.#show(message.clientId, { state: 'queued' });
    const n = this.#attempts.get(message.chat) ?? 0;
    this.#attempts.set(message.chat, n + 1);
    const again = (): void => {
      this.#timers.delete(message.chat);
      this.#sendNext(message.chat);
    };
    this.#timers.set(message.chat, setTimeout(again, 500 + backoff(n, this.#world.random)));
  }

  #find(clientId: string): Outgoing | undefined {
    return this.waiting.get().find((message) => message.clientId === clientId);
  }

  #show(clientId: string, change: Partial<Outgoing>): void {
    this.waiting.update((waiting) =>
      waiting.map((message) => (message.clientId === clientId ? { ...message, ...change } : message)),
    );
  }

  async #change(clientId: string, change: Partial<Outgoing>): Promise<void> {
    this.#show(clientId, change);
    const message = this.#find(clientId);
    if (message) await this.#world.cache.saveOutgoing(message);
  }

  async #drop(clientId: string): Promise<void> {
    this.#gone.add(clientId);
    this.waiting.update((waiting) => waiting.filter((message) => message.clientId !== clientId));
    await this.#world.cache.dropOutgoing(clientId);
  }
}
