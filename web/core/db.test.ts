import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, expect, test, vi } from 'vitest';
import { Cache, messageFormat, type Batch, type Outgoing } from './db';
import { bringForward, steps, type Upgrade } from './db_steps';
import { chat, message } from './testing/made_up';

let n = 0;
const someone = (): string => `db-${(n += 1)}`;

afterEach(() => void vi.restoreAllMocks());

const unsent = { clientId: 'x1', chat: 'c', author: 'ada', text: 'not sent yet', replyTo: null, at: '2026-01-01T00:00:00Z', state: 'queued', reason: null, n: 7 };
const task: Outgoing = { ...unsent, state: 'queued', kind: 'message', seq: null, title: null, code: null };

const batch = (over: Partial<Batch>): Batch => ({ forgotten: new Set(), chats: new Map(), cursors: new Map(), people: new Map(), messages: new Map(), pins: new Map(), ...over });

/** A database as the client of that version left it. */
async function left(user: string, version: number): Promise<void> {
  const db = await openDB(`petit-user-${user}`, version, {
    upgrade: (fresh, from, _to, upgrade) => void bringForward(fresh, from, upgrade as unknown as Upgrade, steps.slice(0, version)),
  });
  await db.put('outbox', version === 1 ? unsent : task);
  if (version === 1) await db.put('drafts', { text: 'half a thought', replyTo: 3 }, 'c');
  else await db.put('composed', { text: 'half a thought', replyTo: 3, edit: null, selection: [0, 0], title: null, changed: 0 }, 'c');
  db.close();
}

test.each(steps.map((_, at) => at + 1))('a database of version %i is brought forward with everything written by hand', async (version) => {
  const user = someone();
  await left(user, version);
  const cache = await Cache.open(user);
  expect(cache.keeping.get()).toBe('kept');
  expect(await cache.outgoing()).toEqual([task]);
  expect((await cache.composed()).get('c')).toMatchObject({ text: 'half a thought', replyTo: 3, edit: null });
});

test('a step that fails changes nothing, and the next client finds all that was written', async () => {
  const user = someone();
  await left(user, 1);
  const broken = [...steps, (): Promise<void> => Promise.reject(new Error('broken'))];
  const failed = await Cache.open(user, messageFormat, broken);
  expect(failed.keeping.get()).toBe('none');
  const cache = await Cache.open(user);
  expect(cache.keeping.get()).toBe('kept');
  expect(await cache.outgoing()).toEqual([task]);
});

test('after a newer client words are still kept and found, and its copies are left alone', async () => {
  const user = someone();
  const newer = await Cache.open(user, messageFormat, [...steps, (db) => void db.createObjectStore('later')]);
  await newer.saveOutgoing(task);
  await newer.save(batch({ chats: new Map([['c', chat()]]) }));
  newer.close();
  const cache = await Cache.open(user);
  expect(cache.keeping.get()).toBe('newer');
  expect(await cache.outgoing()).toEqual([task]);
  expect(await cache.saveOutgoing({ ...task, clientId: 'x2', n: 8 })).toBe(true);
  expect((await cache.outgoing()).map(({ clientId }) => clientId)).toEqual(['x1', 'x2']);
  expect(await cache.chats()).toEqual([]);
  expect(cache.keeping.get()).toBe('newer');
});

test('a client of another tab that is newer is given way to, and that is told', async () => {
  const user = someone();
  const cache = await Cache.open(user);
  await cache.saveOutgoing(task);
  const newer = await Cache.open(user, messageFormat, [...steps, () => undefined]);
  expect(cache.keeping.get()).toBe('outdated');
  expect(await cache.saveOutgoing(task)).toBe(false);
  expect(await newer.outgoing()).toEqual([task]);
});

test('messages kept by a client that needed less are not taken for whole', async () => {
  const user = someone();
  const before = await Cache.open(user);
  await before.save(batch({ messages: new Map([['c 0', message(0)]]) }));
  expect(await before.messages('c', 0, 9)).toEqual([message(0)]);
  before.close();
  const cache = await Cache.open(user, messageFormat + 1);
  expect(await cache.messages('c', 0, 9)).toEqual([]);
  await cache.save(batch({ messages: new Map([['c 1', message(1)]]) }));
  expect(await cache.messages('c', 0, 9)).toEqual([message(1)]);
});

test('messages of the first version, which name no format, are of the first format', async () => {
  const user = someone();
  const db = await openDB(`petit-user-${user}`, 1, { upgrade: (fresh, from, _to, upgrade) => void bringForward(fresh, from, upgrade as unknown as Upgrade, steps.slice(0, 1)) });
  await db.put('messages', message(4));
  db.close();
  expect(await (await Cache.open(user, 1)).messages('c', 0, 9)).toEqual([message(4)]);
});

test('a disk that is full drops copies for words, and says so when that is not enough', async () => {
  const cache = await Cache.open(someone());
  await cache.save(batch({ messages: new Map([['c 0', message(0)]]) }));
  const full = new DOMException('full', 'QuotaExceededError');
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
    throw full;
  });
  expect(await cache.saveOutgoing(task)).toBe(true);
  expect(cache.keeping.get()).toBe('kept');
  expect(await cache.messages('c', 0, 9)).toEqual([]);
  put.mockImplementation(() => {
    throw full;
  });
  expect(await cache.saveOutgoing(task)).toBe(false);
  expect(cache.keeping.get()).toBe('full');
  put.mockRestore();
  expect(await cache.saveOutgoing(task)).toBe(true);
  expect(cache.keeping.get()).toBe('kept');
});

test('a browser without storage says so', async () => {
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('not here', 'SecurityError');
  });
  const cache = await Cache.open(someone());
  expect(cache.keeping.get()).toBe('none');
  expect(await cache.saveOutgoing(task)).toBe(false);
});

test('when copies are forgotten, words stay', async () => {
  const cache = await Cache.open(someone());
  await cache.save(batch({ chats: new Map([['c', chat()]]), messages: new Map([['c 0', message(0)]]) }));
  await cache.saveOutgoing(task);
  await cache.forgetCopies();
  expect(await cache.chats()).toEqual([]);
  expect(await cache.messages('c', 0, 9)).toEqual([]);
  expect(await cache.outgoing()).toEqual([task]);
});

test('the pins of a chat are kept, and go with the chat or with all copies', async () => {
  const cache = await Cache.open(someone());
  const pins = [{ message: message(1), by: 'bo', at: 'then' }];
  await cache.save(batch({ forgotten: new Set(['c']), pins: new Map([['c', pins], ['d', pins]]) }));
  expect(await cache.pins('c')).toEqual(pins);
  await cache.save(batch({ forgotten: new Set(['c']) }));
  expect(await cache.pins('c')).toBeNull();
  expect(await cache.pins('d')).toMatchObject([{ by: 'bo' }]);
  await cache.forgetCopies();
  expect(await cache.pins('d')).toBeNull();
});
