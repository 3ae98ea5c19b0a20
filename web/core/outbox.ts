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
  /** Tells other tabs that the outbox changed, and which message was delivered, if that is what happened. */
  tell(delivered: Message | null): void;
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
  /** Written here, and not yet on the disk. */
  readonly #saving = new Set<string>();
  /** Done with here, though the disk may still have them. */
  readonly #gone = new Set<string>();
  #isLeader = false;
  #isStopped = false;
  #last = 0;
  #yield: () => void = () => {};

  constructor(world: OutboxWorld) {
    this.#world = world;
  }

  async start(): Promise<void> {
    await this.reload();
    if (!this.#isStopped) this.#world.alone(() => this.#lead());
  }

  stop(): void {
    this.#isStopped = true;
    this.#isLeader = false;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#yield();
  }

  /** Reads what other tabs wrote. What only this tab knows yet stays. */
  async reload(): Promise<void> {
    const stored = await this.#world.cache.outgoing();
    const here = new Map(this.waiting.get().map((message) => [message.clientId, message]));
    const theirs = stored.filter(({ clientId }) => !this.#gone.has(clientId) && !this.#saving.has(clientId));
    const ours = [...here.values()].filter(({ clientId }) => this.#saving.has(clientId));
    const merged = [...theirs.map((message) => this.#current(message, here)), ...ours].sort((a, b) => a.n - b.n);
    this.#last = Math.max(this.#last, ...merged.map(({ n }) => n));
    this.waiting.set(merged);
    this.#sendAll();
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
    this.waiting.update((waiting) => [...waiting, message]);
    await this.#save(message);
    this.#world.tell(null);
    this.#sendNext(chat);
  }

  async retry(clientId: string): Promise<void> {
    const message = this.#show(clientId, { state: 'queued', reason: null });
    if (!message) return;
    await this.#save(message);
    this.#world.tell(null);
    this.#sendNext(message.chat);
  }

  async discard(clientId: string): Promise<void> {
    await this.#drop(clientId);
    this.#world.tell(null);
  }

  /** The network is back: nobody waits any longer. */
  hurry(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#attempts.clear();
    this.#sendAll();
  }

  of(chat: string): Waiting[] {
    return this.waiting.get().filter((message) => message.chat === chat);
  }

  async #lead(): Promise<void> {
    if (this.#isStopped) return;
    const ended = new Promise<void>((resolve) => (this.#yield = resolve));
    this.#isLeader = true;
    await this.reload();
    await ended;
  }

  /** This tab knows more of a message it is sending than the disk does. */
  #current(stored: Outgoing, here: ReadonlyMap<string, Outgoing>): Outgoing {
    const own = here.get(stored.clientId);
    return own?.state === 'sending' ? own : stored;
  }

  #sendAll(): void {
    for (const chat of new Set(this.waiting.get().map((message) => message.chat))) this.#sendNext(chat);
  }

  #sendNext(chat: string): void {
    if (!this.#isLeader || this.#busy.has(chat) || this.#timers.has(chat)) return;
    const next = this.waiting.get().find((message) => message.chat === chat && message.state !== 'failed');
    // What is not on the disk yet is sent once it is, so that it cannot be forgotten half-way.
    if (!next || this.#saving.has(next.clientId)) return;
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
      this.#world.tell(sent);
    } catch (error) {
      await this.#failed(message, error);
    }
  }

  async #failed({ clientId, chat }: Outgoing, error: unknown): Promise<void> {
    if (error instanceof ApiError && !error.isPassing) {
      const failed = this.#show(clientId, { state: 'failed', reason: error.message });
      if (failed) await this.#save(failed);
      this.#world.tell(null);
      return;
    }
    this.#show(clientId, { state: 'queued' });
    if (this.#isLeader) this.#wait(chat, error instanceof ApiError ? error.retryAfter : 0);
  }

  #wait(chat: string, atLeast: number): void {
    const n = this.#attempts.get(chat) ?? 0;
    this.#attempts.set(chat, n + 1);
    const again = (): void => {
      this.#timers.delete(chat);
      this.#sendNext(chat);
    };
    this.#timers.set(chat, setTimeout(again, Math.max(atLeast, 500 + backoff(n, this.#world.random))));
  }

  #show(clientId: string, change: Partial<Outgoing>): Outgoing | null {
    const held = this.waiting.get().find((message) => message.clientId === clientId);
    if (!held) return null;
    const changed = { ...held, ...change };
    this.waiting.update((waiting) => waiting.map((message) => (message === held ? changed : message)));
    return changed;
  }

  async #save(message: Outgoing): Promise<void> {
    this.#saving.add(message.clientId);
    await this.#world.cache.saveOutgoing(message);
    this.#saving.delete(message.clientId);
  }

  async #drop(clientId: string): Promise<void> {
    this.#gone.add(clientId);
    this.waiting.update((waiting) => waiting.filter((message) => message.clientId !== clientId));
    await this.#world.cache.dropOutgoing(clientId);
  }
}
