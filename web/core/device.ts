import type { Api } from './api';
import { Cache } from './db';
import type { Drafts } from './drafts';
import { lastUser, setLastUser } from './last_user';
import { Mailbox } from './mailbox';
import type { Store } from './store';
import type { World } from './world';

/** What is kept on this device for the person who uses it. */
export class Device {
  readonly #world: World;
  readonly #api: Api;
  readonly #store: Store;
  readonly #drafts: Drafts;
  readonly #onOutbox: () => void;
  #user: string | null = null;
  #cache: Cache | null = null;
  #mailbox: Mailbox | null = null;
  #generation: string | null = null;

  constructor(world: World, api: Api, store: Store, drafts: Drafts, onOutbox: () => void) {
    this.#world = world;
    this.#api = api;
    this.#store = store;
    this.#drafts = drafts;
    this.#onOutbox = onOutbox;
  }

  get user(): string | null {
    return this.#user;
  }

  get cache(): Cache | null {
    return this.#cache;
  }

  get outbox(): Mailbox['outbox'] | null {
    return this.#mailbox?.outbox ?? null;
  }

  /** Which history is held; empty if it has no name, null if there is none. */
  get generation(): string | null {
    return this.#generation;
  }

  /** From now on this history is held. What is written of another one is forgotten, but for what was typed here. */
  async begin(generation: string): Promise<void> {
    const isOther = this.#generation !== null;
    this.#generation = generation;
    if (isOther) {
      this.#store.forgetChats();
      await this.#store.journal.flush();
    }
    await this.#cache?.saveGeneration(generation);
  }

  /** Opens the copy of whoever used this device last. */
  async open(): Promise<void> {
    const user = await lastUser();
    if (user) await this.#open(user);
  }

  /** This person is signed in now. What another one kept here is wiped. */
  async belongsTo(user: string): Promise<void> {
    if (this.#user === user) return;
    if (this.#user) await this.wipe();
    await setLastUser(user);
    await this.#open(user);
  }

  /** Writes what waits: the page may go away. */
  async flush(): Promise<void> {
    await Promise.all([this.#drafts.flush(), this.#store.journal.flush()]);
  }

  /** Leaves nothing of the person here. */
  async wipe(): Promise<void> {
    const user = this.#user;
    this.stop();
    this.#store.clear();
    this.#drafts.clear();
    this.#cache?.close();
    this.#cache = null;
    this.#user = null;
    this.#generation = null;
    await setLastUser(null);
    if (user) await Cache.wipe(user);
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#mailbox?.close();
    this.#mailbox = null;
  }

  async #open(user: string): Promise<void> {
    const cache = await Cache.open(user);
    this.#user = user;
    this.#cache = cache;
    // Drafts first: a chat that is drawn shows what was being written in it.
    await this.#drafts.open(cache);
    await this.#store.open(cache);
    this.#generation = (await cache.generation()) ?? (this.#store.known().length > 0 ? '' : null);
    const mailbox = new Mailbox(this.#world, this.#api, cache, user, (message) => this.#arrived(message));
    this.#mailbox = mailbox;
    mailbox.outbox.waiting.subscribe(this.#onOutbox);
    await mailbox.outbox.start();
  }

  #arrived(message: Parameters<Store['takeMessages']>[1][number]): void {
    const { chat, seq, cseq } = message;
    this.#store.apply({ type: 'message_created', chat, seq, cseq, message });
  }
}
