import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { Pins } from './pins';
import { Source } from './signal';
import { pending, type Doing } from './tasks';
import { FakeBrowser, until } from './testing/browser';
import { FakeServer } from './testing/fake_server';
import { message } from './testing/made_up';
import type { Status } from './surface';
import type { Message, PinItem, Task } from './types';

const pinned = (seq: number, cseq = 0, over: Partial<Message> = {}): Message => message(seq, { cseq, pinned: true, ...over });
const item = (seq: number, cseq = 0): PinItem => ({ message: pinned(seq, cseq), by: 'bo', at: '2026-11-28T10:00:00Z' });
const task = (doing: Doing): Task => ({ text: '', replyTo: null, seq: null, ...doing, clientId: `t${JSON.stringify(doing)}`, chat: 'c', author: 'ada', title: null, at: '', state: 'queued', reason: null, code: null });

class Fake {
  readonly changed = new Source<Message | null>(null);
  readonly doing = new Source<readonly Task[]>([]);
  readonly status = new Source<Status>('online');
  asked = 0;
  answers: (PinItem[] | Error)[] = [];
  pins = (): Promise<PinItem[]> => {
    this.asked += 1;
    const answer = this.answers.shift() ?? new Error('offline');
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
}

const opened = async (...answers: (PinItem[] | Error)[]): Promise<{ fake: Fake; pins: Pins; seqs: () => number[] | undefined }> => {
  const fake = new Fake();
  fake.answers = answers;
  const pins = new Pins(fake, 'c');
  await Promise.resolve();
  await new Promise((done) => setTimeout(done));
  return { fake, pins, seqs: () => pins.list.get()?.map((pin) => pin.message.seq) };
};

test('what is told brings the list forward, the newest first', async () => {
  const { fake, pins, seqs } = await opened([item(3), item(1)]);
  expect(seqs()).toEqual([3, 1]);
  fake.changed.set(pinned(7, 4));
  expect(seqs()).toEqual([7, 3, 1]);
  fake.changed.set(pinned(3, 5, { text: 'other' }));
  expect(pins.list.get()?.[1]).toMatchObject({ by: 'bo', message: { text: 'other' } });
  fake.changed.set(message(1, { cseq: 6 }));
  fake.changed.set(pinned(7, 7, { deleted: true }));
  expect(seqs()).toEqual([3]);
  fake.changed.set(message(3, { cseq: 4 }));
  expect(seqs()).toEqual([3]);
});

test('another chat, and a message that is not pinned, change nothing', async () => {
  const { fake, seqs } = await opened([item(1)]);
  fake.changed.set(pinned(9, 9, { chat: 'd' }));
  fake.changed.set(message(2, { cseq: 9 }));
  expect(seqs()).toEqual([1]);
});

test('what was told while the list was on its way is not lost', async () => {
  const fake = new Fake();
  fake.answers = [[item(1)]];
  const pins = new Pins(fake, 'c');
  fake.changed.set(pinned(4, 3));
  await new Promise((done) => setTimeout(done));
  expect(pins.list.get()?.map((pin) => pin.message.seq)).toEqual([4, 1]);
});

test('a pin that is to be taken away is not shown, and comes back where that is refused', async () => {
  const { fake, seqs } = await opened([item(3), item(1)]);
  fake.doing.set([task({ kind: 'unpin', seq: 3 })]);
  expect(seqs()).toEqual([1]);
  fake.doing.set([]);
  expect(seqs()).toEqual([3, 1]);
});

test('a list that could not be fetched is fetched when the connection is back, and not once it is closed', async () => {
  const { fake, pins, seqs } = await opened(new Error('offline'), [item(2)]);
  expect(seqs()).toBeUndefined();
  fake.status.set('offline');
  fake.status.set('online');
  await new Promise((done) => setTimeout(done));
  expect(seqs()).toEqual([2]);
  pins.close();
  fake.status.set('offline');
  fake.status.set('online');
  expect(fake.asked).toBe(2);
});

test('a message is shown pinned before the server knows, and not where it is deleted', () => {
  const plain = message(3);
  expect(pending(plain, [task({ kind: 'pin', seq: 3 })]).pinned).toBe(true);
  expect(pending(pinned(3), [task({ kind: 'unpin', seq: 3 })]).pinned).toBe(false);
  const gone = message(3, { deleted: true });
  expect(pending(gone, [task({ kind: 'pin', seq: 3 })])).toBe(gone);
});

afterEach(() => void vi.useRealTimers());

test('pins made offline survive the tab, are sent once the network is back, and the list is kept for the next start', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const server = new FakeServer();
  server.person('ada');
  server.person('bo');
  server.signedIn = 'ada';
  const browser = new FakeBrowser(server);
  const crew = server.chat('crew', 'ada', 'bo');
  for (const text of ['one', 'two']) crew.send('bo', text, text);
  crew.pin(0, 'bo', true);
  const closed = await browser.liveTab();
  const before = new Pins(closed, 'crew');
  const seqs = (pins: Pins): number[] | undefined => pins.list.get()?.map((pin) => pin.message.seq);
  await until(() => seqs(before)?.length === 1);
  browser.network(false);
  closed.pin('crew', 0, false);
  closed.pin('crew', 1, true);
  await until(() => closed.doing.get().length === 2 && seqs(before)?.length === 0);
  await closed.activity(false);
  browser.closeTabs();
  const next = browser.tab();
  await until(() => next.doing.get().length === 2);
  const pins = new Pins(next, 'crew');
  await until(() => seqs(pins) !== undefined);
  expect(seqs(pins)).toEqual([]);
  expect(crew.pins).toEqual([[0, 'bo']]);
  browser.network(true);
  await until(() => next.doing.get().length === 0 && seqs(pins)?.length === 1);
  expect(crew.pins).toEqual([[1, 'ada']]);
  expect(seqs(pins)).toEqual([1]);
  crew.pin(0, 'bo', true);
  await until(() => seqs(pins)?.length === 2);
  expect(seqs(pins)).toEqual([0, 1]);
});
