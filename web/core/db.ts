import { deleteDB, openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb';
import type { Chat, Draft, Head, Message, Person, Waiting } from './types';

/** A message in the outbox; `n` keeps the order of writing. */
export interface Outgoing extends Waiting {
  n: number;
}

interface Schema extends DBSchema {
  chats: { key: string; value: Chat };
  /** How far the messages of a chat that are kept here were brought forward. */
  cursors: { key: string; value: Head };
  people: { key: string; value: Person };
  messages: { key: [string, number]; value: Message };
  drafts: { key: string; value: Draft };
  outbox: { key: string; value: Outgoing };
  kv: { key: string; value: unknown };
}

/** What changed since the last write. Chats to forget are forgotten first. */
export interface Batch {
  forgotten: Set<string>;
  chats: Map<string, Chat>;
  cursors: Map<string, Head>;
  people: Map<string, Person>;
  messages: Map<string, Message>;
}

/** How many of the newest messages of each chat stay on this device. */
export const keptMessages = 500;

const names = 'petit-user';
const copies = ['chats', 'cursors', 'people', 'messages'] as const;
const everything = Number.MAX_SAFE_INTEGER;

/**
 * This device's copy of one person's chats. Losing it loses nothing but time, the outbox and drafts aside; so
 * where a browser has no storage, or a full one, the client goes on without.
 */
export class Cache {
  #db: IDBPDatabase<Schema> | null;

  private constructor(db: IDBPDatabase<Schema> | null) {
    this.#db = db;
  }

  static async open(user: string): Promise<Cache> {
    try {
      return new Cache(await openDB<Schema>(`${names}-${user}`, 1, { upgrade, blocking }));
    } catch {
      return new Cache(null);
    }
  }

  static async wipe(user: string): Promise<void> {
    await deleteDB(`${names}-${user}`).catch(() => undefined);
  }

  chats(): Promise<Chat[]> {
    return this.#read((db) => db.getAll('chats'), []);
  }

  people(): Promise<Person[]> {
    return this.#read((db) => db.getAll('people'), []);
  }

  cursors(): Promise<Map<string, Head>> {
    return this.#read((db) => entries(db, 'cursors'), new Map());
  }

  /** Writes all of a batch or nothing, so that cursors never run ahead of the messages they speak of. */
  async save(batch: Batch): Promise<void> {
    await this.#write(copies, (write) => {
      const chats = write.objectStore('chats');
      const messages = write.objectStore('messages');
      for (const chat of batch.forgotten) {
        void chats.delete(chat);
        void write.objectStore('cursors').delete(chat);
        void messages.delete(IDBKeyRange.bound([chat, 0], [chat, everything]));
      }
      for (const chat of batch.chats.values()) {
        void chats.put(chat);
        const oldest = chat.head_seq - keptMessages;
        if (oldest >= 0) void messages.delete(IDBKeyRange.bound([chat.id, 0], [chat.id, oldest]));
      }
      for (const person of batch.people.values()) void write.objectStore('people').put(person);
      for (const message of batch.messages.values()) void messages.put(message);
      for (const [chat, head] of batch.cursors) void write.objectStore('cursors').put(head, chat);
    });
  }

  /** The messages of a chat from `from` to `to`, both included, that are here. */
  messages(chat: string, from: number, to: number): Promise<Message[]> {
    if (to < from) return Promise.resolve([]);
    return this.#read((db) => db.getAll('messages', IDBKeyRange.bound([chat, from], [chat, to])), []);
  }

  drafts(): Promise<Map<string, Draft>> {
    return this.#read((db) => entries(db, 'drafts'), new Map());
  }

  async saveDraft(chat: string, draft: Draft | null): Promise<void> {
    await this.#write(['drafts'], (write) => {
      const drafts = write.objectStore('drafts');
      void (draft ? drafts.put(draft, chat) : drafts.delete(chat));
    });
  }

  async outgoing(): Promise<Outgoing[]> {
    const all = await this.#read((db) => db.getAll('outbox'), []);
    return all.sort((a, b) => a.n - b.n);
  }

  async saveOutgoing(message: Outgoing): Promise<void> {
    await this.#write(['outbox'], (write) => void write.objectStore('outbox').put(message));
  }

  async dropOutgoing(clientId: string): Promise<void> {
    await this.#write(['outbox'], (write) => void write.objectStore('outbox').delete(clientId));
  }

  me(): Promise<Person | null> {
    return this.#read(async (db) => ((await db.get('kv', 'me')) as Person | undefined) ?? null, null);
  }

  /** Which history the copy is of, as the server named it; null if it is not known. */
  generation(): Promise<string | null> {
    return this.#read(async (db) => ((await db.get('kv', 'generation')) as string | undefined) ?? null, null);
  }

  async saveGeneration(generation: string): Promise<void> {
    await this.#write(['kv'], (write) => void write.objectStore('kv').put(generation, 'generation'));
  }

  async saveMe(me: Person): Promise<void> {
    await this.#write(['kv'], (write) => void write.objectStore('kv').put(me, 'me'));
  }

  close(): void {
    this.#db?.close();
    this.#db = null;
  }

  async #read<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>, otherwise: T): Promise<T> {
    if (!this.#db) return otherwise;
    return work(this.#db).catch(() => otherwise);
  }

  async #write<const Names extends readonly StoreName[]>(
    stores: Names,
    work: (write: IDBPTransaction<Schema, [...Names], 'readwrite'>) => void,
  ): Promise<void> {
    try {
      // What was written by hand must outlive a power cut; a copy of what the server has need not.
      const durability = stores.includes('outbox') || stores.includes('drafts') ? 'strict' : 'relaxed';
      const write = this.#db?.transaction<[...Names], 'readwrite'>([...stores], 'readwrite', { durability });
      if (!write) return;
      work(write);
      await write.done;
    } catch {
      // The disk is full, or the copy was wiped by a sign-out in another tab.
    }
  }
}

type StoreName = 'chats' | 'cursors' | 'people' | 'messages' | 'drafts' | 'outbox' | 'kv';

function upgrade(fresh: IDBPDatabase<Schema>): void {
  fresh.createObjectStore('chats', { keyPath: 'id' });
  fresh.createObjectStore('cursors');
  fresh.createObjectStore('people', { keyPath: 'id' });
  fresh.createObjectStore('messages', { keyPath: ['chat', 'seq'] });
  fresh.createObjectStore('drafts');
  fresh.createObjectStore('outbox', { keyPath: 'clientId' });
  fresh.createObjectStore('kv');
}

/** Another tab wipes the copy: this one must not hold it. */
function blocking(_ours: number, _theirs: number | null, event: IDBVersionChangeEvent): void {
  (event.target as IDBDatabase).close();
}

async function entries<Name extends 'cursors' | 'drafts'>(
  db: IDBPDatabase<Schema>,
  store: Name,
): Promise<Map<string, Schema[Name]['value']>> {
  const read = db.transaction(store).store;
  const [keys, values] = await Promise.all([read.getAllKeys(), read.getAll()]);
  return new Map(keys.map((key, at) => [key, values[at] as Schema[Name]['value']]));
}
