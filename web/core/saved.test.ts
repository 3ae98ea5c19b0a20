import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { Saved } from './saved';
import { Source } from './signal';
import { FakeBrowser, until } from './testing/browser';
import { FakeServer } from './testing/fake_server';
import { message } from './testing/made_up';
import type { Api } from './api';
import type { Client, SavedMessages } from './surface';
import type { Message, Page, SavedItem, Task } from './types';

const item = (seq: number, at: string): SavedItem => ({ message: message(seq), at });
const task = (kind: 'save' | 'unsave', seq: number): Task => ({ kind, seq, text: '', replyTo: null, clientId: `${kind}${seq}`, chat: 'c', author: 'ada', title: null, at: '9', state: 'queued', reason: null, code: null });

class Fake {
  readonly doing = new Source<readonly Task[]>([]);
  readonly changed = new Source<Message | null>(null);
  readonly kept = new Map<string, unknown>();
  pages: (SavedItem[] | Error)[] = [];
  asked: string[] = [];
  wait: Promise<void> = Promise.resolve();
  message = (_chat: string, seq: number): Promise<Message | null> => Promise.resolve(seq < 100 ? message(seq) : null);
  call = async (_method: string, path: string): Promise<Page<SavedItem>> => {
    this.asked.push(path);
    await this.wait;
    const page = this.pages.shift() ?? new Error('offline');
    if (page instanceof Error) throw page;
    return { items: page, next: this.pages.length > 0 ? 'on' : null };
  };

  open(): Saved {
    const cache = { kept: async <T>(name: string) => (this.kept.get(name) as T | undefined) ?? null, keep: async (name: string, value: unknown) => void this.kept.set(name, value) };
    return new Saved(this, this as unknown as Api, () => cache);
  }
}

const settled = (): Promise<void> => new Promise((done) => setTimeout(done));
const seqs = (saved: SavedMessages): number[] | undefined => saved.list.get()?.map(({ message: { seq } }) => seq);
const told = (seq: number, saved: boolean, at: string) => ({ type: 'saved_changed', chat: 'c', seq, saved, at }) as const;

async function opened(...pages: (SavedItem[] | Error)[]): Promise<{ fake: Fake; saved: Saved }> {
  const fake = new Fake();
  fake.pages = pages;
  const saved = fake.open();
  await settled();
  return { fake, saved };
}

test('all pages are one list, which what is told brings forward', async () => {
  const { fake, saved } = await opened([item(3, '5')], [item(1, '2')]);
  expect(seqs(saved)).toEqual([3, 1]);
  expect(fake.asked).toEqual(['/v1/me/saved?limit=100', '/v1/me/saved?limit=100&cursor=on']);
  await saved.take(told(7, true, '6'));
  await saved.take(told(8, true, '4'));
  expect(seqs(saved)).toEqual([7, 3, 8, 1]);
  await saved.take(told(3, true, '9'));
  expect(seqs(saved)).toEqual([3, 7, 8, 1]);
  await saved.take(told(7, false, '10'));
  await saved.take(told(200, true, '11'));
  expect(seqs(saved)).toEqual([3, 8, 1]);
  expect([...saved.keys.get()]).toEqual(['c 3', 'c 8', 'c 1']);
  expect((fake.kept.get('saved') as SavedItem[]).length).toBe(3);
});

test('a message is as it is now, and gone once it is deleted', async () => {
  const { fake, saved } = await opened([item(3, '5'), item(1, '2')]);
  fake.changed.set(message(3, { cseq: 4, text: 'other' }));
  fake.changed.set(message(3, { cseq: 2, text: 'older' }));
  expect(saved.list.get()?.[0]?.message.text).toBe('other');
  fake.changed.set(message(1, { cseq: 5, deleted: true }));
  expect(seqs(saved)).toEqual([3]);
});

test('what was told while the list was on its way is not lost, and an answer that was overtaken is not taken', async () => {
  const fake = new Fake();
  fake.pages = [[item(1, '2')]];
  const saved = fake.open();
  void saved.take(told(4, true, '3'));
  await settled();
  expect(seqs(saved)).toEqual([4, 1]);
  let go = (): void => {};
  fake.wait = new Promise((resolve) => (go = resolve));
  fake.pages = [[item(1, '2')], [item(9, '9')]];
  const old = saved.load();
  const fresh = saved.load();
  go();
  await Promise.all([old, fresh]);
  expect(seqs(saved)).not.toEqual([1]);
});

test('of two that are told of one message the last one counts, whoever finds the message first', async () => {
  const { fake, saved } = await opened([]);
  let find = (): void => {};
  const slow = new Promise<void>((resolve) => (find = resolve));
  fake.message = async (_chat, seq) => (await slow, message(seq));
  const first = saved.take(told(4, true, '3'));
  await saved.take(told(4, false, '4'));
  find();
  await first;
  expect(seqs(saved)).toEqual([]);
});

test('what is to be done here shows at once, and is taken back where that is refused', async () => {
  const { fake, saved } = await opened([item(3, '5')]);
  fake.doing.set([task('unsave', 3), task('save', 4)]);
  expect([...saved.keys.get()]).toEqual(['c 4']);
  await settled();
  expect(seqs(saved)).toEqual([4]);
  saved.done(task('save', 4));
  fake.doing.set([task('unsave', 3)]);
  await settled();
  expect(seqs(saved)).toEqual([4]);
  fake.doing.set([]);
  expect(seqs(saved)).toEqual([4, 3]);
});

test('what this device kept is shown while the server cannot be reached, and says why', async () => {
  const fake = new Fake();
  fake.kept.set('saved', [item(3, '5')]);
  const saved = fake.open();
  await settled();
  expect(seqs(saved)).toEqual([3]);
  expect(saved.failed.get()).toBeInstanceOf(Error);
  fake.pages = [[item(1, '2')]];
  await saved.load();
  expect([seqs(saved), saved.failed.get()]).toEqual([[1], null]);
  saved.forget();
  expect(seqs(saved)).toBeUndefined();
});

afterEach(() => void vi.useRealTimers());

test('what is saved offline survives the tab, is sent once the network is back, and other devices follow', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const server = new FakeServer();
  server.person('ada');
  server.person('bo');
  server.signedIn = 'ada';
  const browser = new FakeBrowser(server);
  const crew = server.chat('crew', 'ada', 'bo');
  for (const text of ['one', 'two']) crew.send('bo', text, text);
  server.save('ada', 'crew', 0, true);
  const listed = async (client: Client): Promise<SavedMessages> => client.saved();
  const closed = await browser.liveTab();
  const before = await listed(closed);
  await until(() => seqs(before)?.length === 1);
  browser.network(false);
  closed.save('crew', 0, false);
  closed.save('crew', 1, true);
  await until(() => closed.doing.get().length === 2 && seqs(before)?.[0] === 1);
  await closed.activity(false);
  browser.closeTabs();
  const next = browser.tab();
  await until(() => next.doing.get().length === 2);
  const saved = await listed(next);
  await until(() => saved.keys.get().has('crew 1'));
  expect(saved.keys.get().has('crew 0')).toBe(false);
  expect(server.saved.get('ada')?.map(({ seq }) => seq)).toEqual([0]);
  browser.network(true);
  await until(() => next.doing.get().length === 0 && seqs(saved)?.[0] === 1);
  expect(server.saved.get('ada')?.map(({ seq }) => seq)).toEqual([1]);
  server.save('ada', 'crew', 0, true);
  await until(() => seqs(saved)?.length === 2);
  expect(seqs(saved)).toEqual([0, 1]);
  crew.delete(1);
  await until(() => seqs(saved)?.length === 1);
});
