import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Chat, Draft, Message, Person, Waiting } from './types';

/** A message in the outbox; `n` keeps the order of writing. */
export interface Outgoing extends Waiting {
  n: number;
}

interface Schema extends DBSchema {
  chats: { key: string; value: Chat };
  people: { key: string; value: Person };
  messages: { key: [string, number]; value: Message };
  drafts: { key: string; value: Draft };
  outbox: { key: string; value: Outgoing };
  kv: { key: string; value: unknown };
}

const kept = 500;
const names = 'petit-user';

/** This device's copy of one person's chats. Losing it loses nothing but time, the outbox and drafts aside. */
export class Cache {
  readonly #db: IDBPDatabase<Schema>;

  private constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  static async open(user: string): Promise<Cache> {
    const db = await openDB<Schema>(`${names}-${user}`, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('chats', { keyPath: 'id' });
        fresh.createObjectStore('people', { keyPath: 'id' });
        fresh.createObjectStore('messages', { keyPath: ['chat', 'seq'] });
        fresh.createObjectStore('drafts');
        fresh.createObjectStore('outbox', { keyPath: 'clientId' });
        fresh.createObjectStore('kv');
      },
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
    });
    return new Cache(db);
  }

  static async wipe(user: string): Promise<void> {
    await deleteDB(`${names}-${user}`);
  }

  chats(): Promise<Chat[]> {
    return this.#db.getAll('chats');
  }

  people(): Promise<Person[]> {
    return this.#db.getAll('people');
  }

  async saveChat(chat: Chat): Promise<void> {
    await this.#db.put('chats', chat);
  }

  async savePeople(people: Person[]): Promise<void> {
    const write = this.#db.transaction('people', 'readwrite');
    await Promise.all([...people.map((person) => write.store.put(person)), write.done]);
  }

  async saveMessages(messages: Message[]): Promise<void> {
    const write = this.#db.transaction('messages', 'readwrite');
    await Promise.all([...messages.map((message) => write.store.put(message)), write.done]);
  }

  /** The newest messages of a chat at or below `seq`, by rising number. */
  async messages(chat: string, seq: number, most: number): Promise<Message[]> {
    const range = IDBKeyRange.bound([chat, Math.max(0, seq - most + 1)], [chat, seq]);
    return this.#db.getAll('messages', range);
  }

  /** Drops what is far below a chat's head. */
  async trim(chat: string, head: number): Promise<void> {
    if (head > kept) await this.#db.delete('messages', IDBKeyRange.bound([chat, 0], [chat, head - kept]));
  }

  async forgetChat(chat: string): Promise<void> {
    await this.#db.delete('chats', chat);
    await this.#db.delete('messages', IDBKeyRange.bound([chat, 0], [chat, Number.MAX_SAFE_INTEGER]));
    await this.#db.delete('drafts', chat);
  }

  async drafts(): Promise<Map<string, Draft>> {
    const [keys, values] = await Promise.all([this.#db.getAllKeys('drafts'), this.#db.getAll('drafts')]);
    return new Map(keys.map((key, at) => [key, values[at] as Draft]));
  }

  async saveDraft(chat: string, draft: Draft | null): Promise<void> {
    if (draft) await this.#db.put('drafts', draft, chat);
    else await this.#db.delete('drafts', chat);
  }

  async outgoing(): Promise<Outgoing[]> {
    return (await this.#db.getAll('outbox')).sort((a, b) => a.n - b.n);
  }

  async saveOutgoing(message: Outgoing): Promise<void> {
    await this.#db.put('outbox', message);
  }

  async dropOutgoing(clientId: string): Promise<void> {
    await this.#db.delete('outbox', clientId);
  }

  async me(): Promise<Person | null> {
    return ((await this.#db.get('kv', 'me')) as Person | undefined) ?? null;
  }

  async saveMe(me: Person): Promise<void> {
    await this.#db.put('kv', me, 'me');
  }

  close(): void {
    this.#db.close();
  }
}

/** Which person used this device last. */
export class LastUser {
  static async #open(): Promise<IDBPDatabase> {
    return openDB('petit', 1, { upgrade: (fresh) => void fresh.createObjectStore('kv') });
  }

  static async get(): Promise<string | null> {
    const db = await LastUser.#open();
    const user = (await db.get('kv', 'user')) as string | undefined;
    db.close();
    return user ?? null;
  }

  static async set(user: string | null): Promise<void> {
    const db = await LastUser.#open();
    if (user) await db.put('kv', user, 'user');
    else await db.delete('kv', 'user');
    db.close();
  }
}
