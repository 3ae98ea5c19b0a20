import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Cache } from './db';
import { Drafts, type DraftsWorld, type Version } from './drafts';
import { Shelf } from './shelf';
import { FakeStorage } from './testing/browser';
import type { Draft } from './types';

const draft = (text: string, over: Partial<Draft> = {}): Draft => ({ text, replyTo: null, edit: null, selection: [text.length, text.length], ...over });
const edit = { seq: 4, text: 'changed so far', before: 'as it was' };

let n = 0;
let time = 1_000;
const now = (): number => (time += 1);

/** One person's browser: its disk may stop taking anything. */
class Place {
  readonly user = `drafts-${(n += 1)}`;
  readonly storage = new FakeStorage();
  readonly told: [string, Version][] = [];
  takes = true;

  async tab(): Promise<Drafts> {
    const drafts = new Drafts(now);
    await drafts.open(await this.world());
    return drafts;
  }

  async world(): Promise<DraftsWorld> {
    const cache = await Cache.open(this.user);
    const saveComposed: Cache['saveComposed'] = (...it) => (this.takes ? cache.saveComposed(...it) : new Promise(() => undefined));
    return { disk: { composed: () => cache.composed(), saveComposed }, shelf: new Shelf(this.storage, this.user), tell: (...it) => void this.told.push(it) };
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('a key is on the disk 400 ms later, however fast the next ones come', async () => {
  const place = new Place();
  const drafts = await place.tab();
  for (let key = 1; key <= 10; key += 1) {
    drafts.set('c', draft('x'.repeat(key)), null);
    await vi.advanceTimersByTimeAsync(50);
    await settle();
  }
  expect((await (await place.tab()).of('c').record)?.text.length).toBeGreaterThanOrEqual(8);
});

test('saved is said only of what is on the disk', async () => {
  const place = new Place();
  const drafts = await place.tab();
  drafts.set('c', draft('half'), null);
  expect([...drafts.unsaved.get()]).toEqual(['c']);
  await vi.advanceTimersByTimeAsync(400);
  await settle();
  expect([...drafts.unsaved.get()]).toEqual([]);
  place.takes = false;
  drafts.set('c', draft('half a'), null);
  await vi.advanceTimersByTimeAsync(5_000);
  await settle();
  expect([...drafts.unsaved.get()]).toEqual(['c']);
});

test('words that a disk refuses are not called saved, and are tried again with the next key', async () => {
  const place = new Place();
  const drafts = new Drafts(now);
  const world = await place.world();
  const { saveComposed } = world.disk;
  world.disk.saveComposed = () => Promise.resolve(false);
  await drafts.open(world);
  drafts.set('c', draft('half'), null);
  await drafts.flush();
  expect([...drafts.unsaved.get()]).toEqual(['c']);
  world.disk.saveComposed = saveComposed;
  drafts.set('c', draft('half a'), null);
  await drafts.flush();
  expect([...drafts.unsaved.get()]).toEqual([]);
});

test('a page that goes away before the disk answers loses no key, and no edit', async () => {
  const place = new Place();
  const drafts = await place.tab();
  place.takes = false;
  drafts.set('c', draft('under it', { replyTo: 2, edit, selection: [3, 5] }), 'Crew');
  drafts.keepNow();
  place.takes = true;
  const next = await place.tab();
  expect(next.of('c').record).toMatchObject({ text: 'under it', replyTo: 2, edit, selection: [3, 5], title: 'Crew' });
  await settle();
  expect(place.storage.length).toBe(0);
  expect((await place.tab()).of('c').record?.edit).toEqual(edit);
});

test('what was sent in the moment the page went away does not come back', async () => {
  const place = new Place();
  const drafts = await place.tab();
  drafts.set('c', draft('sent now'), null);
  await drafts.flush();
  place.takes = false;
  drafts.set('c', null, null);
  drafts.keepNow();
  place.takes = true;
  expect((await place.tab()).of('c').record).toBeNull();
});

test('of two tabs the newer words count, and both have them', async () => {
  const place = new Place();
  const first = await place.tab();
  const second = await place.tab();
  first.set('c', draft('from the first'), null);
  await first.flush();
  second.set('c', draft('from the second'), null);
  await second.flush();
  for (const [where, version] of [...place.told].reverse()) first.heard(where, version);
  expect(first.of('c').record?.text).toBe('from the second');
  expect(first.all.get().get('c')?.text).toBe('from the second');
});

test('words on the shelf that are older than those on the disk are not taken', async () => {
  const place = new Place();
  const drafts = await place.tab();
  drafts.set('c', draft('old'), null);
  drafts.keepNow();
  const old = place.storage.getItem(place.storage.key(0) ?? '') ?? '';
  drafts.set('c', draft('new'), null);
  await drafts.flush();
  place.storage.setItem(`petit-words ${place.user} composed c`, old);
  expect((await place.tab()).of('c').record?.text).toBe('new');
});

test('what a page that is going away still writes after its person left does not become the next person\'s', async () => {
  const place = new Place();
  const drafts = await place.tab();
  drafts.clear();
  drafts.set('c', draft('of the one before'), null);
  await drafts.open(await new Place().world());
  await settle();
  expect([drafts.of('c').record, [...drafts.all.get()]]).toEqual([null, []]);
});

test('what stands on the shelf of one person is nothing to another', async () => {
  const place = new Place();
  const drafts = await place.tab();
  place.takes = false;
  drafts.set('c', draft('mine'), null);
  drafts.keepNow();
  expect(new Shelf(place.storage, 'eve').all('composed ')).toEqual([]);
});

test('after a restore of the server the words of an edit are words to send, and answer nothing', async () => {
  const drafts = await new Place().tab();
  drafts.set('c', draft('under it', { replyTo: 2, edit }), 'Crew');
  drafts.set('d', draft('as it is'), null);
  const before = drafts.of('d');
  drafts.otherHistory();
  expect(drafts.of('c').record).toMatchObject({ text: 'under it\n\nchanged so far', replyTo: null, edit: null, title: 'Crew' });
  expect(drafts.of('d')).toBe(before);
});
