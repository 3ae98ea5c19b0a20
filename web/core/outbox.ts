import { ApiError, type Api } from './api';
import { backoff } from './backoff';
import { chosenIn } from './choices';
import type { Cache, Outgoing } from './db';
import type { Holds } from './held';
import { uuid } from './id';
import type { Shelf } from './shelf';
import { Source } from './signal';
import { isKnown, isUnsent, isWord, lane, mayRetry, overtakes, pending, type Doing } from './tasks';
import type { Choosing, Message, Waiting } from './types';
import type { HeldPart } from './world';

/** What the outbox needs from outside. */
export interface OutboxWorld {
  cache: Pick<Cache, 'outgoing' | 'saveOutgoing' | 'dropOutgoing'>;
  shelf: Pick<Shelf, 'put' | 'drop' | 'all'>;
  author: string;
  /** Takes it to the server. Answers the message as it is then; null where there is none. */
  send(task: Outgoing): Promise<Message | null>;
  /** What takes messages there that are held, and looks after them. */
  held(): Promise<HeldPart>;
  api: Api;
  /** The server did not take something that nobody has to be kept for, such as a reaction. */
  refused(task: Outgoing, error: ApiError): void;
  /** It is done. */
  done(task: Outgoing, message: Message | null): void;
  /** What a chat is called now. */
  titleOf(chat: string): string | null;
  now(): number;
  random(): number;
  /** Runs `work` in one tab at a time, for as long as it lasts. */
  alone(work: () => Promise<void>): void;
  /** Tells other tabs that the outbox changed, and what was done with which message, if that is what happened. */
  tell(done: { task: Outgoing; message: Message } | null): void;
}

const shelved = 'task ';
/**
 * What was done here and is not acknowledged: messages, changes to messages, how far was read. It survives a closed
 * tab, is sent by one tab, in the order of doing in each chat, and as often as it takes: client ids make repeats of
 * messages harmless, and everything else says how things shall be and not how they change.
 */
export class Outbox {
  readonly waiting = new Source<readonly Outgoing[]>([]);
  readonly #world: OutboxWorld;
  readonly #busy = new Set<string>();
  readonly #attempts = new Map<string, number>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Written here, and on its way to the disk. */
  readonly #saving = new Set<string>();
  /** Written here, and not taken by the disk: only this tab knows of it. */
  readonly #unkept = new Set<string>();
  /** Written here and never on their way, so that the server has nothing of them. */
  readonly #untouched = new Set<string>();
  #holds: Promise<Holds> | null = null;
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
    await this.#unshelve();
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
    const here = new Map(this.waiting.get().map((task) => [task.clientId, task]));
    const isOurs = ({ clientId }: Outgoing): boolean => this.#saving.has(clientId) || this.#unkept.has(clientId);
    const theirs = stored.filter((task) => !this.#gone.has(task.clientId) && !isOurs(task));
    const ours = [...here.values()].filter(isOurs);
    const merged = [...theirs.map((task) => this.#current(task, here)), ...ours].sort((a, b) => a.n - b.n);
    this.#last = Math.max(this.#last, ...merged.map(({ n }) => n));
    this.waiting.set(merged);
    this.#sendAll();
  }

  /** Takes something to do. What it makes needless and is not on its way is dropped. */
  async add(chat: string, doing: Doing): Promise<void> {
    const task = this.#make(chat, doing);
    const needless = this.waiting.get().filter((one) => one.state !== 'sending' && overtakes(task, one));
    if (this.#isLeader) this.#untouched.add(task.clientId);
    this.waiting.update((waiting) => [...waiting, task]);
    await this.#save(task);
    for (const { clientId } of needless) await this.#drop(clientId);
    this.#world.tell(null);
    this.#sendNext(lane(task));
  }

  async retry(clientId: string): Promise<void> {
    if (this.waiting.get().some((task) => task.clientId === clientId && !mayRetry(task))) return;
    const failed = this.#find(clientId);
    if (!failed) return;
    const kind = failed.kind === 'held' ? 'message' : failed.kind;
    const task = await this.#change(clientId, { kind, state: 'queued', reason: null, code: null });
    if (!task) return;
    this.#world.tell(null);
    this.#sendNext(lane(task));
  }

  async discard(clientId: string): Promise<void> {
    const task = this.#find(clientId);
    if (task?.hold) return this.unsend(task);
    await this.#drop(clientId);
    this.#world.tell(null);
  }

  /** What can be taken back: the newest message of a chat that is held, or is to be, or this one. */
  unsendable(chat: string, clientId?: string): Outgoing | undefined {
    const isMeant = (one: Outgoing): boolean => (clientId ? one.clientId === clientId : one.chat === chat && one.state !== 'failed');
    return this.waiting.get().findLast((one) => one.hold && isUnsent(one) && isMeant(one));
  }

  /** Takes a message back, whose words are nobody's from now on. If it turns out to be too late, that is told as a refusal. */
  unsend(task: Outgoing): void {
    void this.#withHolds().then((holds) => holds.unsend(task), () => undefined);
  }

  /** A message is in its chat: nothing is held of it any more. */
  arrived(clientId: string): void {
    if (this.#find(clientId)?.kind === 'held') void this.#drop(clientId);
  }

  /** Something that was held was sent, or could not be. */
  lookAtHeld(): void {
    void this.#holds?.then((holds) => holds.lookAt());
  }

  /** What is held is looked after by a part that comes when it is needed. */
  #withHolds(): Promise<Holds> {
    this.#holds ??= this.#world.held().then(
      ({ Holds }) =>
        new Holds({
          world: this.#world,
          waiting: () => this.waiting.get(),
          change: (...it) => this.#change(...it),
          drop: (clientId) => this.#drop(clientId),
          send: (task) => this.#sendNext(lane(task)),
          // Of what this tab wrote and never sent the server has nothing.
          isUntouched: (clientId) => this.#untouched.has(clientId),
          isLeader: () => this.#isLeader,
        }),
    );
    this.#holds.catch(() => (this.#holds = null));
    return this.#holds;
  }

  /**
   * The chats have another history now, as after a restore of the server: the numbers of messages mean others. Messages
   * go out as they are, answers to nothing; what was to be done to a numbered message is not done, and reactions are forgotten.
   */
  async otherHistory(): Promise<void> {
    for (const task of this.waiting.get()) {
      if (!isWord(task)) await this.#drop(task.clientId);
      else if (task.seq !== null || task.forward) await this.#change(task.clientId, { state: 'failed', reason: null, code: 'other_history' });
      else if (task.hold) await this.#change(task.clientId, { kind: 'message', state: 'queued', replyTo: null, hold: { ...task.hold, id: null, until: null } });
      else if (task.replyTo !== null) await this.#change(task.clientId, { replyTo: null });
    }
    this.#world.tell(null);
  }

  /** The network is back: nobody waits any longer. */
  hurry(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#attempts.clear();
    for (const task of this.waiting.get()) if (this.#unkept.has(task.clientId)) void this.#save(task);
    this.#sendAll();
  }

  /** Keeps what is not on the disk yet, without waiting for anything. */
  keepNow(): void {
    for (const task of this.waiting.get()) {
      if (this.#saving.has(task.clientId) || this.#unkept.has(task.clientId)) this.#world.shelf.put(shelved + task.clientId, task);
    }
  }

  /** Messages that wait in a chat. */
  of(chat: string): Waiting[] {
    return this.waiting.get().filter((task) => task.chat === chat && isUnsent(task));
  }

  /** A message as it is once everything that waits is done. */
  overlay(message: Message): Message {
    return pending(message, this.waiting.get());
  }

  /** How far a chat was read, as far as that is not told; -1 if nothing waits. */
  readUpTo(chat: string): number {
    return Math.max(-1, ...this.waiting.get().flatMap((task) => (task.chat === chat && task.kind === 'read' ? (task.seq ?? -1) : [])));
  }

  /** What was chosen about a chat and is not told, in the order of choosing. */
  choosing(chat: string): Choosing[] {
    return this.waiting.get().flatMap((task) => (task.chat === chat && task.kind === 'choose' ? [chosenIn(task)] : []));
  }

  #make(chat: string, doing: Doing): Outgoing {
    const now = this.#world.now();
    this.#last = Math.max(this.#last + 1, now * 1000);
    return {
      text: '',
      replyTo: null,
      seq: null,
      ...doing,
      clientId: uuid(now),
      chat,
      author: this.#world.author,
      title: this.#world.titleOf(chat),
      at: new Date(now).toISOString(),
      state: 'queued',
      reason: null,
      code: null,
      n: this.#last,
    };
  }

  async #unshelve(): Promise<void> {
    const stored = new Set((await this.#world.cache.outgoing()).map(({ clientId }) => clientId));
    for (const [clientId, task] of this.#world.shelf.all(shelved)) {
      if (stored.has(clientId)) this.#world.shelf.drop(shelved + clientId);
      else {
        this.waiting.update((waiting) => [...waiting, { ...(task as Outgoing), state: 'queued' }]);
        await this.#save(task as Outgoing);
      }
    }
  }

  async #lead(): Promise<void> {
    if (this.#isStopped) return;
    const ended = new Promise<void>((resolve) => (this.#yield = resolve));
    this.#isLeader = true;
    await this.reload();
    await ended;
  }

  /** This tab knows more of what it is sending than the disk does. */
  #current(stored: Outgoing, here: ReadonlyMap<string, Outgoing>): Outgoing {
    const own = here.get(stored.clientId);
    if (own?.state !== 'sending') return stored;
    return stored.kind === 'unsend' ? { ...own, kind: 'unsend' } : own;
  }

  #find(clientId: string): Outgoing | undefined {
    return this.waiting.get().find((task) => task.clientId === clientId);
  }

  #sendAll(): void {
    if (this.waiting.get().some(({ hold }) => hold)) void this.#withHolds().then((holds) => holds.look());
    for (const one of new Set(this.waiting.get().map(lane))) this.#sendNext(one);
  }

  #sendNext(where: string): void {
    if (!this.#isLeader || this.#busy.has(where) || this.#timers.has(where)) return;
    const next = this.waiting.get().find((task) => lane(task) === where && task.state !== 'failed' && isKnown(task));
    // What is not on the disk yet is sent once it is, so that it cannot be forgotten half-way.
    if (!next || this.#saving.has(next.clientId)) return;
    this.#busy.add(where);
    void this.#attempt(next).finally(() => {
      this.#busy.delete(where);
      this.#sendNext(where);
      // Taken back meanwhile.
      const now = this.#find(next.clientId);
      if (now && lane(now) !== where) this.#sendNext(lane(now));
    });
  }

  async #attempt(task: Outgoing): Promise<void> {
    const begun = this.#world.now();
    this.#untouched.delete(task.clientId);
    this.#show(task.clientId, { state: 'sending' });
    try {
      const holds = task.hold && (await this.#withHolds());
      const message = await (holds ? holds.send(task) : this.#world.send(task));
      this.#attempts.delete(lane(task));
      if (message && 'send_at' in message) return holds?.isHeld(task, message, begun);
      holds?.isDone(task);
      this.#world.done(task, message);
      await this.#drop(task.clientId);
      this.#world.tell(message && { task, message });
    } catch (error) {
      await this.#failed(task, error);
    }
  }

  async #failed(task: Outgoing, error: unknown): Promise<void> {
    // Taken back meanwhile.
    if (this.#find(task.clientId)?.kind !== task.kind) return void this.#show(task.clientId, { state: 'queued' });
    if (error instanceof ApiError && !error.isPassing) return this.#refused(task, error);
    const wait = error instanceof ApiError ? error.retryAfter : 0;
    this.#show(task.clientId, { state: 'queued', until: this.#world.now() + wait });
    if (this.#isLeader) this.#wait(lane(task), wait);
  }

  async #refused(task: Outgoing, error: ApiError): Promise<void> {
    // Nobody misses a marker.
    if (!isWord(task)) {
      this.#world.refused(task, error);
      return this.#drop(task.clientId);
    }
    await this.#change(task.clientId, { state: 'failed', reason: error.message, code: error.code });
    this.#world.tell(null);
  }

  #wait(where: string, atLeast: number): void {
    const n = this.#attempts.get(where) ?? 0;
    this.#attempts.set(where, n + 1);
    const again = (): void => {
      this.#timers.delete(where);
      this.#sendNext(where);
    };
    this.#timers.set(where, setTimeout(again, Math.max(atLeast, 500 + backoff(n, this.#world.random))));
  }

  async #change(clientId: string, change: Partial<Outgoing>): Promise<Outgoing | null> {
    const changed = this.#show(clientId, change);
    if (changed) await this.#save(changed);
    return changed;
  }

  #show(clientId: string, change: Partial<Outgoing>): Outgoing | null {
    const held = this.waiting.get().find((task) => task.clientId === clientId);
    if (!held) return null;
    const changed = { ...held, ...change };
    this.waiting.update((waiting) => waiting.map((task) => (task === held ? changed : task)));
    return changed;
  }

  async #save(task: Outgoing): Promise<void> {
    this.#saving.add(task.clientId);
    const isKept = await this.#world.cache.saveOutgoing(task);
    this.#saving.delete(task.clientId);
    if (isKept) {
      this.#unkept.delete(task.clientId);
      this.#world.shelf.drop(shelved + task.clientId);
    } else this.#unkept.add(task.clientId);
  }

  async #drop(clientId: string): Promise<void> {
    this.#gone.add(clientId);
    this.#untouched.delete(clientId);
    this.#unkept.delete(clientId);
    this.#world.shelf.drop(shelved + clientId);
    this.waiting.update((waiting) => waiting.filter((task) => task.clientId !== clientId));
    await this.#world.cache.dropOutgoing(clientId);
  }
}
