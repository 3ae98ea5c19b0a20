import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import type { Chat, Composed, Head, Message, Person, Task } from './types';

/** Something in the outbox; `n` keeps the order of doing. */
export interface Outgoing extends Task {
  n: number;
}

/** A message and the format of the client that kept it. Those of the first version name none. */
export type KeptMessage = Message & { format?: number };

export interface Schema extends DBSchema {
  chats: { key: string; value: Chat };
  /** How far the messages of a chat that are kept here were brought forward. */
  cursors: { key: string; value: Head };
  people: { key: string; value: Person };
  messages: { key: [string, number]; value: KeptMessage };
  /** What is being written, by place. */
  composed: { key: string; value: Composed };
  outbox: { key: string; value: Outgoing };
  kv: { key: string; value: unknown };
}

/** Copies of what the server has: losing them costs time only. */
export const copies = ['chats', 'cursors', 'people', 'messages'] as const;
/** What was written by hand and is nowhere else. */
export const words = ['composed', 'outbox'] as const;

export type StoreName = (typeof copies)[number] | (typeof words)[number] | 'kv';

/** An upgrade sees the stores as they were then, which the schema of today does not know. */
export type Upgrade = IDBPTransaction<unknown, string[], 'versionchange'>;
export type Step = (db: IDBPDatabase, upgrade: Upgrade) => Promise<void> | void;

/**
 * How a device's database came to be. A database of version `n` went through the first `n` steps. A step that was
 * shipped is never changed; a later one moves what it finds, and never drops what was written by hand.
 */
export const steps: readonly Step[] = [firstStores, composedAndKinds];

/** Brings a database of any older version forward. If a step fails nothing is changed. */
export async function bringForward(db: IDBPDatabase, from: number, upgrade: Upgrade, through = steps): Promise<void> {
  try {
    for (const step of through.slice(from)) await step(db, upgrade);
  } catch (error) {
    upgrade.done.catch(() => undefined);
    upgrade.abort();
    throw error;
  }
}

function firstStores(db: IDBPDatabase): void {
  db.createObjectStore('chats', { keyPath: 'id' });
  db.createObjectStore('cursors');
  db.createObjectStore('people', { keyPath: 'id' });
  db.createObjectStore('messages', { keyPath: ['chat', 'seq'] });
  db.createObjectStore('drafts');
  db.createObjectStore('outbox', { keyPath: 'clientId' });
  db.createObjectStore('kv');
}

/** Drafts become compose records; everything in the outbox says what it is. */
async function composedAndKinds(db: IDBPDatabase, upgrade: Upgrade): Promise<void> {
  const composed = db.createObjectStore('composed');
  const [places, drafts, waiting] = await Promise.all([
    upgrade.objectStore('drafts').getAllKeys(),
    upgrade.objectStore('drafts').getAll() as Promise<{ text: string; replyTo: number | null }[]>,
    upgrade.objectStore('outbox').getAll() as Promise<Partial<Outgoing>[]>,
  ]);
  const moved = drafts.map(({ text, replyTo }, at) => {
    const record: Composed = { text, replyTo, edit: null, selection: [text.length, text.length], title: null, changed: 0 };
    return composed.put(record, places[at]);
  });
  const named = waiting.map((message) => upgrade.objectStore('outbox').put({ seq: null, title: null, code: null, ...message, kind: 'message' }));
  await Promise.all([...moved, ...named]);
  db.deleteObjectStore('drafts');
}
