import { IDBFactory } from 'fake-indexeddb';
import { vi } from 'vitest';
import { createClient } from '../client';
import * as held from '../held';
import type { Client, Item, Timeline } from '../index';
import type { World } from '../world';
import type { FakeServer } from './fake_server';

/** One browser of one person: its disk, its locks, and its tabs. */
export class FakeBrowser {
  readonly #server: FakeServer;
  readonly #disk = new IDBFactory();
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #channels = new Map<string, Set<EventTarget>>();
  readonly #closers: (() => void)[] = [];
  readonly #networks: ((isThere: boolean) => void)[] = [];
  readonly #leaving: (() => void)[] = [];
  readonly storage = new FakeStorage();
  /** Whether the client itself is kept here. */
  hasShell = true;

  constructor(server: FakeServer) {
    this.#server = server;
    vi.stubGlobal('indexedDB', this.#disk);
  }

  /** Opens a tab. */
  tab(): Client {
    const client = createClient(this.#world());
    void client.start();
    return client;
  }

  /** Opens a tab and waits until it is live. */
  async liveTab(): Promise<Client> {
    const client = this.tab();
    await until(() => client.status.get() === 'online');
    return client;
  }

  /** All tabs close: their connections end, their locks are free, and they hear nothing more. */
  closeTabs(): void {
    for (const world of this.#closers.splice(0)) world();
    this.#queues.clear();
    this.#channels.clear();
    this.#networks.length = 0;
    this.#leaving.length = 0;
    this.#server.forgetConnections();
    this.#server.closeSockets();
  }

  /** All tabs are hidden: they may be gone in the same moment, before anything that takes time. */
  hide(): void {
    for (const listener of this.#leaving) listener();
  }

  network(isThere: boolean): void {
    this.#server.isUp = isThere;
    for (const listener of this.#networks) listener(isThere);
  }

  #world(): World {
    let isClosed = false;
    this.#closers.push(() => void (isClosed = true));
    const never = new Promise<never>(() => undefined);
    return {
      held: () => Promise.resolve(held),
      fetch: (input, init) => (isClosed ? never : this.#server.fetch(input, init)),
      openSocket: () => (isClosed ? deadSocket() : this.#server.open()),
      random: () => 0.5,
      now: this.#server.now,
      locks: { request: ((name: string, work: () => Promise<unknown>) => this.#lock(name, work)) as LockManager['request'] },
      channel: (name) => this.#channel(name),
      network: (listener) => void this.#networks.push(listener),
      storage: this.storage,
      forgetShell: async () => void (this.hasShell = false),
      leaving: (listener) => void this.#leaving.push(listener),
    };
  }

  #lock(name: string, work: () => Promise<unknown>): Promise<unknown> {
    const turn = (this.#queues.get(name) ?? Promise.resolve()).then(work);
    this.#queues.set(name, turn);
    return turn;
  }

  #channel(name: string): ReturnType<World['channel']> {
    const ends = this.#channels.get(name) ?? new Set<EventTarget>();
    const end = new EventTarget();
    this.#channels.set(name, ends.add(end));
    const postMessage = (data: unknown): void => {
      for (const other of ends) if (other !== end) setTimeout(() => other.dispatchEvent(new MessageEvent('message', { data })), 1);
    };
    return Object.assign(end, { postMessage, close: () => void ends.delete(end) });
  }
}

/** What a browser keeps of one site, at once. */
export class FakeStorage {
  readonly #values = new Map<string, string>();

  get length(): number {
    return this.#values.size;
  }

  key(at: number): string | null {
    return [...this.#values.keys()][at] ?? null;
  }

  getItem(key: string): string | null {
    return this.#values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#values.set(key, value);
  }

  removeItem(key: string): void {
    this.#values.delete(key);
  }
}

/** One that never says anything. */
export const deadSocket = (): WebSocket => Object.assign(new EventTarget(), { close: () => undefined, send: () => undefined }) as unknown as WebSocket;

/** Lets time pass until something is so, or fails. */
export async function until(isSo: () => boolean, most = 300): Promise<void> {
  for (let turn = 0; turn < most && !isSo(); turn += 1) {
    await vi.advanceTimersByTimeAsync(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!isSo()) throw new Error(`never came true: ${isSo.toString()}`);
}

/** Lets this much time pass. */
export async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    await vi.advanceTimersByTimeAsync(Math.min(500, left));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const texts = (timeline: Timeline): string[] => timeline.view.get().items.map(textOf);

export const waiting = (timeline: Timeline): string[] => timeline.view.get().items.flatMap((item) => ('waiting' in item ? item.waiting.text : []));

function textOf(item: Item): string {
  if ('gap' in item) return `gap ${item.gap.from}-${item.gap.to}`;
  return 'message' in item ? item.message.text : item.waiting.text;
}
