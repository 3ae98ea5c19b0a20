import type { Api, ApiError } from './api';
import { Cache } from './db';
import type { Drafts } from './drafts';
import { lastParting, lastUser, setLastUser, setParting } from './last_user';
import { Mailbox, type Done } from './mailbox';
import { Shelf } from './shelf';
import { Source } from './signal';
import type { Store } from './store';
import { carryOut, isHeld, isReaction, isSaving, isWord } from './tasks';
import type { Chat, Keeping, Parting, Task } from './types';
import type { World } from './world';

/** How long another tab may take to end the session. */
const patience = 30_000;

/** What the device asks of its client. */
interface Owner {
  world: World;
  api: Api;
  store: Store;
  drafts: Drafts;
  /** The outbox changed. */
  changed(): void;
  /** The server took how far was read. */
  read(chat: string, seq: number): void;
  /** The server did not take what was chosen about a chat. */
  unchosen(chat: string): void;
  /** A held message is not held any more: it is in its chat. */
  sent(chat: string): void;
  /** A message is saved now, or is not any more. */
  saved(task: Task): void;
  /** Another tab found the session over. */
  ended(): void;
}

/** What is kept on this device for the person who uses it. */
export class Device {
  /** Whether what is written here outlives the tab. */
  readonly keeping = new Source<Keeping>('kept');
  /** Everything that waits or failed, in the order it was done. */
  readonly waiting = new Source<readonly Task[]>([]);
  /** All that is not acknowledged. */
  readonly doing = new Source<readonly Task[]>([]);
  /** Why a reaction, a pin or a choice was not taken, the last time. */
  readonly refused = new Source<ApiError | null>(null);
  readonly #owner: Owner;
  #user: string | null = null;
  #cache: Cache | null = null;
  #mailbox: Mailbox | null = null;
  #generation: string | null = null;
  /** Until then the end of the session is the person's own, who wants nothing kept. */
  #throwsAwayUntil = 0;

  constructor(owner: Owner) {
    this.#owner = owner;
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
      const { store } = this.#owner;
      store.forgetChats();
      await store.journal.flush();
      await this.otherHistory();
    }
    await this.#cache?.keep('generation', generation);
    this.#owner.store.journal.begin();
  }

  /** Opens the copy of whoever used this device last. */
  async open(): Promise<void> {
    const user = await lastUser();
    if (user) await this.#open(user);
  }

  /** This person is signed in now. Of another one no copy stays, and no word is lost. */
  async belongsTo(user: string): Promise<void> {
    if (this.#user === user) return;
    if (this.#user) await this.#forget();
    await setLastUser(user);
    await this.#open(user);
  }

  /** Keeps every word without waiting for anything: the page may be gone in a moment. */
  keepNow(): void {
    this.#owner.drafts.keepNow();
    this.outbox?.keepNow();
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    await Promise.all([this.#owner.drafts.flush(), this.#owner.store.journal.flush()]);
  }

  /**
   * The session is over, and nobody here ended it: what can be read of the chats goes at once. Words stay, for the same
   * person only. Answers what stays, or how it was when it ended before; null where nobody was.
   */
  async seal(): Promise<Parting | null> {
    if (!this.#user) return lastParting();
    if (this.#owner.world.now() < this.#throwsAwayUntil) {
      await this.leave(false);
      return null;
    }
    await this.#owner.drafts.flush();
    const parting = { unsent: this.waiting.get().length, drafts: this.#owner.drafts.all.get().size };
    this.#mailbox?.ended();
    await this.#forget();
    await this.#owner.world.forgetShell();
    await setParting(parting);
    return parting;
  }

  /** The person is about to leave, and wants nothing kept: other tabs must not keep it either. */
  throwAway(): void {
    this.#mailbox?.throwAway();
  }

  /** The person leaves. Nothing of them stays; or only what they wrote and did not send, if that was asked for. */
  async leave(keepsWords: boolean): Promise<void> {
    const user = this.#user;
    const storage = this.#owner.world.storage;
    if (keepsWords) await this.#forget();
    else this.#close();
    await setLastUser(null);
    if (user && !keepsWords) {
      new Shelf(storage, user).clear();
      await Cache.wipe(user);
    }
    // Last, for it has nothing of the person and may take long.
    await this.#owner.world.forgetShell();
  }

  /** The server has another history than before: of what was written here the words stay, and no number of a message. */
  async otherHistory(): Promise<void> {
    this.#owner.drafts.otherHistory();
    await this.outbox?.otherHistory();
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#mailbox?.close();
    this.#mailbox = null;
  }

  /** Takes the copies away and keeps the words; where there are none, nothing of the person stays. */
  async #forget(): Promise<void> {
    const cache = this.#cache;
    const user = this.#user;
    this.keepNow();
    await this.#owner.drafts.flush();
    this.#cache = null;
    this.#close();
    await cache?.forgetCopies();
    const isEmpty = await cache?.isWithoutWords();
    cache?.close();
    if (user && isEmpty) await Cache.wipe(user);
  }

  #close(): void {
    this.stop();
    this.#owner.store.clear();
    this.#owner.drafts.clear();
    this.waiting.set([]);
    this.doing.set([]);
    this.#cache?.close();
    this.#cache = null;
    this.#user = null;
    this.#generation = null;
  }

  async #open(user: string): Promise<void> {
    const { world, api, store, drafts } = this.#owner;
    const cache = await Cache.open(user);
    const shelf = new Shelf(world.storage, user);
    const mailbox = new Mailbox(
      world,
      cache,
      { shelf, author: user, send: (task) => carryOut(api, task, (me) => store.chosen(task.chat, me)), api, held: () => world.held(), done: (task, message) => this.#done(task, message), refused: (task, error) => this.#refused(task, error), titleOf: (chat) => this.titleOf(chat) },
      { done: ({ task, message }: Done) => this.#done(task, message), composed: (...it) => drafts.heard(...it), ended: () => this.#owner.ended(), throwingAway: () => void (this.#throwsAwayUntil = world.now() + patience) },
    );
    this.#user = user;
    this.#cache = cache;
    this.#mailbox = mailbox;
    this.keeping.set(cache.keeping.get());
    cache.keeping.subscribe((keeping) => this.keeping.set(keeping));
    // Drafts first: a chat that is drawn shows what was being written in it.
    await drafts.open({ disk: cache, shelf, tell: (...it) => mailbox.composed(...it) });
    // What comes from the server meanwhile is of its history, whatever that is called.
    const isKept = await store.open(cache);
    this.#generation = (await cache.generation()) ?? (isKept ? '' : null);
    if (this.#generation !== null) store.journal.begin();
    mailbox.outbox.waiting.subscribe((waiting) => {
      this.doing.set(waiting);
      this.waiting.set(waiting.filter((task) => isWord(task) && !isHeld(task)));
      for (const { chat, kind } of waiting) if (kind === 'choose') store.look(chat);
      this.#owner.changed();
    });
    await mailbox.outbox.start();
  }

  /** What a chat is called on this device; null if it has no name of its own. */
  titleOf(id: string): string | null {
    const chat: Chat | null | undefined = this.#owner.store.chat.of(id).get();
    return chat?.name ?? chat?.peer?.name ?? null;
  }

  #refused({ chat, kind }: Task, error: ApiError): void {
    if (kind !== 'read') this.refused.set(error);
    if (kind === 'choose') this.#owner.unchosen(chat);
  }

  #done(task: Done['task'], message: Done['message'] | null): void {
    const { store } = this.#owner;
    if (task.kind === 'read') this.#owner.read(task.chat, task.seq ?? -1);
    if (task.kind === 'held') this.#owner.sent(task.chat);
    if (isSaving(task)) this.#owner.saved(task);
    if (!message) return;
    if (isReaction(task)) return store.reacted(message);
    if (task.kind !== 'message') return store.takeMessages(task.chat, [message]);
    const { chat, seq, cseq } = message;
    store.apply({ type: 'message_created', chat, seq, cseq, message });
  }
}
