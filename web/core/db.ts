import { deleteDB, openDB, type IDBPDatabase, type IDBPTransaction } from 'idb';
import { bringForward, copies, steps, words, type KeptMessage, type Outgoing, type Schema, type StoreName, type Upgrade } from './db_steps';
import { Source } from './signal';
import type { Chat, Composed, Head, Keeping, Message, Person, PinItem } from './types';

export type { Outgoing } from './db_steps';

/** What changed since the last write. Chats to forget are forgotten first. */
export interface Batch {
  forgotten: Set<string>;
  chats: Map<string, Chat>;
  cursors: Map<string, Head>;
  people: Map<string, Person>;
  messages: Map<string, Message>;
  pins: Map<string, readonly PinItem[]>;
}

/** How many of the newest messages of each chat stay on this device. */
export const keptMessages = 500;

/** Raise it when this client needs more of a message than earlier ones kept: older copies are then fetched again. */
export const messageFormat = 2;

/** Under which name the pins of a chat are kept. */
const pinsOf = (chat: string): string => `pins ${chat}`;

const names = 'petit-user';
const everything = Number.MAX_SAFE_INTEGER;
const patience = 3_000;

type Database = IDBPDatabase<Schema>;
type Work<Names extends readonly StoreName[]> = (write: IDBPTransaction<Schema, [...Names], 'readwrite'>) => void;

/**
 * This device's copy of one person's chats, and what they wrote and is not sent. Losing the copies loses nothing but
 * time. What was written by hand goes first: where it cannot be kept, `keeping` says so and why.
 */
export class Cache {
  readonly keeping: Source<Keeping>;
  #db: Database | null = null;
  #isClosed = false;
  readonly #format: number;

  private constructor(format: number) {
    this.keeping = new Source<Keeping>('kept');
    this.#format = format;
  }

  static async open(user: string, format = messageFormat, through = steps): Promise<Cache> {
    const cache = new Cache(format);
    await cache.#open(`${names}-${user}`, through);
    return cache;
  }

  /** Leaves nothing of the person. */
  static async wipe(user: string): Promise<void> {
    await deleteDB(`${names}-${user}`).catch(() => undefined);
  }

  chats(): Promise<Chat[]> {
    return this.#readCopy((db) => db.getAll('chats'), []);
  }

  people(): Promise<Person[]> {
    return this.#readCopy((db) => db.getAll('people'), []);
  }

  cursors(): Promise<Map<string, Head>> {
    return this.#readCopy((db) => entries(db, 'cursors'), new Map());
  }

  /** Writes all of a batch or nothing, so that cursors never run ahead of the messages they speak of. */
  async save(batch: Batch): Promise<void> {
    if (!this.#hasCopies) return;
    await this.#write([...copies, 'kv'], (write) => {
      const chats = write.objectStore('chats');
      const messages = write.objectStore('messages');
      for (const chat of batch.forgotten) {
        void chats.delete(chat);
        void write.objectStore('kv').delete(pinsOf(chat));
        void write.objectStore('cursors').delete(chat);
        void messages.delete(IDBKeyRange.bound([chat, 0], [chat, everything]));
      }
      for (const chat of batch.chats.values()) {
        void chats.put(chat);
        const oldest = chat.head_seq - keptMessages;
        if (oldest >= 0) void messages.delete(IDBKeyRange.bound([chat.id, 0], [chat.id, oldest]));
      }
      for (const person of batch.people.values()) void write.objectStore('people').put(person);
      for (const message of batch.messages.values()) void messages.put({ ...message, format: this.#format });
      for (const [chat, pins] of batch.pins) void write.objectStore('kv').put(pins, pinsOf(chat));
      for (const [chat, head] of batch.cursors) void write.objectStore('cursors').put(head, chat);
    });
  }

  /** The messages of a chat from `from` to `to`, both included, that are here and have all this client needs. */
  async messages(chat: string, from: number, to: number): Promise<Message[]> {
    if (to < from) return [];
    const range = IDBKeyRange.bound([chat, from], [chat, to]);
    const kept = await this.#readCopy((db) => db.getAll('messages', range), []);
    return kept.flatMap(({ format = 1, ...message }: KeptMessage) => (format >= this.#format ? [message] : []));
  }

  composed(): Promise<Map<string, Composed>> {
    return this.#read((db) => entries(db, 'composed'), new Map());
  }

  /** Whether it is on the disk now. */
  saveComposed(place: string, record: Composed | null): Promise<boolean> {
    return this.#writeWords('composed', (write) => {
      const composed = write.objectStore('composed');
      void (record ? composed.put(record, place) : composed.delete(place));
    });
  }

  async outgoing(): Promise<Outgoing[]> {
    const all = await this.#read((db) => db.getAll('outbox'), []);
    return all.sort((a, b) => a.n - b.n);
  }

  /** Whether it is on the disk now. */
  saveOutgoing(task: Outgoing): Promise<boolean> {
    return this.#writeWords('outbox', (write) => void write.objectStore('outbox').put(task));
  }

  dropOutgoing(clientId: string): Promise<boolean> {
    return this.#writeWords('outbox', (write) => void write.objectStore('outbox').delete(clientId));
  }

  me(): Promise<Person | null> {
    return this.kept('me');
  }

  /** Which history the copy is of, as the server named it; null if it is not known. */
  generation(): Promise<string | null> {
    return this.kept('generation');
  }

  pins(chat: string): Promise<PinItem[] | null> {
    return this.kept(pinsOf(chat));
  }

  /** Something small that is kept under a name; null if it is not. */
  kept<T>(name: string): Promise<T | null> {
    return this.#readCopy(async (db) => ((await db.get('kv', name)) as T | undefined) ?? null, null);
  }

  async keep(name: string, value: unknown): Promise<void> {
    if (this.#hasCopies) await this.#write(['kv'], (write) => void write.objectStore('kv').put(value, name));
  }

  /** Takes everything readable of the chats away. What was written and not sent stays. */
  async forgetCopies(): Promise<void> {
    await this.#write([...copies, 'kv'], (write) => {
      for (const store of copies) void write.objectStore(store).clear();
      void write.objectStore('kv').clear();
    });
  }

  /** Whether nothing that was written by hand waits here. False where that cannot be known. */
  async isWithoutWords(): Promise<boolean> {
    const counted = await this.#read((db) => Promise.all(words.map((store) => db.count(store))), [1]);
    return counted.every((count) => count === 0);
  }

  close(): void {
    this.#isClosed = true;
    this.#db?.close();
    this.#db = null;
  }

  /** A newer client may keep its copies in ways that this one does not know. */
  get #hasCopies(): boolean {
    return this.#db !== null && this.keeping.get() !== 'newer';
  }

  async #open(name: string, through: typeof steps): Promise<void> {
    try {
      this.#db = await this.#request(name, through);
    } catch (error) {
      if (isCalled(error, 'VersionError')) await this.#openNewer(name);
      else this.keeping.set('none');
    }
  }

  /** A browser may never answer, as when another tab holds an older database and is frozen. */
  #request(name: string, through: typeof steps): Promise<Database> {
    return new Promise((resolve, reject) => {
      let isTooLate = false;
      const giveUp = (): void => {
        isTooLate = true;
        reject(new Error('another tab holds an older database'));
      };
      const opening = openDB<Schema>(name, through.length, {
        upgrade: (db, from, _to, upgrade) => void bringForward(db as unknown as IDBPDatabase, from, upgrade as unknown as Upgrade, through).catch(reject),
        blocked: () => void setTimeout(giveUp, patience),
        blocking: (_ours, theirs) => this.#giveWay(theirs),
        terminated: () => this.#lost('failing'),
      });
      opening.then((db) => (isTooLate ? db.close() : resolve(db)), reject);
    });
  }

  /** The database of a newer client: words are kept in it if it still has places for them. */
  async #openNewer(name: string): Promise<void> {
    this.keeping.set('newer');
    try {
      const db = await openDB<Schema>(name, undefined, { blocking: (_ours, theirs) => this.#giveWay(theirs), terminated: () => this.#lost('failing') });
      if (words.every((store) => db.objectStoreNames.contains(store))) this.#db = db;
      else {
        db.close();
        this.keeping.set('outdated');
      }
    } catch {
      this.keeping.set('none');
    }
  }

  /** Another tab wipes the database, or brings it forward: this one must not hold it. */
  #giveWay(theirs: number | null): void {
    this.#db?.close();
    this.#lost(theirs === null ? 'kept' : 'outdated');
  }

  #lost(why: Keeping): void {
    this.#db = null;
    if (!this.#isClosed) this.keeping.set(why);
  }

  async #read<T>(work: (db: Database) => Promise<T>, otherwise: T): Promise<T> {
    if (!this.#db) return otherwise;
    return work(this.#db).catch(() => otherwise);
  }

  #readCopy<T>(work: (db: Database) => Promise<T>, otherwise: T): Promise<T> {
    return this.#hasCopies ? this.#read(work, otherwise) : Promise.resolve(otherwise);
  }

  /** Writes by hand go before copies: where there is no room, the copies of messages make some. */
  async #writeWords<Name extends (typeof words)[number]>(store: Name, work: Work<[Name]>): Promise<boolean> {
    let wrong = await this.#write<[Name]>([store], work);
    if (isCalled(wrong, 'QuotaExceededError') && this.#hasCopies) {
      await this.#write(['messages'], (write) => void write.objectStore('messages').clear());
      wrong = await this.#write<[Name]>([store], work);
    }
    this.#tell(wrong);
    return wrong === null;
  }

  #tell(wrong: unknown): void {
    const now = this.keeping.get();
    if (!this.#db || now === 'newer') return;
    if (wrong === null) this.keeping.set('kept');
    else this.keeping.set(isCalled(wrong, 'QuotaExceededError') ? 'full' : 'failing');
  }

  /** Null, or why it was not written. */
  async #write<const Names extends readonly StoreName[]>(stores: Names, work: Work<Names>): Promise<unknown> {
    try {
      if (!this.#db) return new Error('there is no database');
      // What was written by hand must outlive a power cut; a copy of what the server has need not.
      const durability = words.some((store) => stores.includes(store)) ? 'strict' : 'relaxed';
      const write = this.#db.transaction<[...Names], 'readwrite'>([...stores], 'readwrite', { durability });
      write.done.catch(() => undefined);
      work(write);
      await write.done;
      return null;
    } catch (error) {
      return error ?? new Error('the write was given up');
    }
  }
}

const isCalled = (error: unknown, name: string): boolean => typeof error === 'object' && error !== null && 'name' in error && error.name === name;

async function entries<Name extends 'cursors' | 'composed'>(db: Database, store: Name): Promise<Map<string, Schema[Name]['value']>> {
  const read = db.transaction(store).store;
  const [keys, values] = await Promise.all([read.getAllKeys(), read.getAll()]);
  return new Map(keys.map((key, at) => [key, values[at] as Schema[Name]['value']]));
}
