import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError, type Api } from './api';
import { Cache, type Outgoing } from './db';
import * as held from './held';
import { Outbox, type OutboxWorld } from './outbox';
import { Shelf } from './shelf';
import type { Doing } from './tasks';
import { FakeStorage } from './testing/browser';
import { message } from './testing/made_up';
import type { Message } from './types';

/** A server that loses requests and answers as told, and takes every client id once. */
class Server {
  readonly log: Message[] = [];
  #fates: string[];

  constructor(fates: string[] = []) {
    this.#fates = [...fates];
  }

  send(outgoing: Outgoing): Promise<Message> {
    const fate = this.#fates.shift() ?? 'works';
    if (fate === 'lost') return Promise.reject(new ApiError(0, 'offline', 'gone'));
    let taken = this.log.find((one) => one.client_id === outgoing.clientId);
    if (!taken) {
      taken = message(this.log.length, { client_id: outgoing.clientId, text: outgoing.text, author: 'ada' });
      this.log.push(taken);
    }
    return fate === 'unanswered' ? Promise.reject(new ApiError(503, 'unavailable', 'late')) : Promise.resolve(taken);
  }
}

let n = 0;
const cache = (): Promise<Cache> => Cache.open(`test-${(n += 1)}`);

function world(store: Cache, server: { send(outgoing: Outgoing): Promise<Message | null> }, over: Partial<OutboxWorld> = {}): OutboxWorld {
  return {
    cache: store,
    author: 'ada',
    send: (outgoing) => server.send(outgoing),
    done: () => {},
    held: () => Promise.resolve(held),
    api: {} as Api,
    refused: () => {},
    shelf: new Shelf(null, 'ada'),
    titleOf: () => 'Crew',
    now: () => 1_700_000_000_000,
    random: () => 0.5,
    alone: (work) => void work(),
    tell: () => {},
    ...over,
  };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const settle = async (done: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 400 && !done(); turn += 1) {
    await vi.advanceTimersByTimeAsync(70_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(done()).toBe(true);
};

test('whatever is lost on the way, every message arrives once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('works', 'lost', 'unanswered'), { maxLength: 12 }), async (fates) => {
      const server = new Server(fates);
      const outbox = new Outbox(world(await cache(), server));
      await outbox.start();
      for (const text of ['one', 'two', 'three']) await outbox.add('c', { kind: 'message', text: text, replyTo: null });
      await settle(() => outbox.waiting.get().length === 0);
      expect(server.log.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    }),
    { numRuns: 25 },
  );
});

test('what was written before the tab closed is sent by the next one', async () => {
  const store = await cache();
  const closed = new Outbox(world(store, new Server(['lost', 'lost', 'lost', 'lost'])));
  await closed.start();
  await closed.add('c', { kind: 'message', text: 'first', replyTo: null });
  await closed.add('c', { kind: 'message', text: 'second', replyTo: null });
  closed.stop();
  const server = new Server();
  const next = new Outbox(world(store, server));
  await next.start();
  await settle(() => next.waiting.get().length === 0);
  expect(server.log.map(({ text }) => text)).toEqual(['first', 'second']);
});

test('a refusal for good is shown with its reason and does not hold up the rest', async () => {
  const refusing = { send: (one: Outgoing) => (one.text === 'bad' ? Promise.reject(new ApiError(422, 'text_too_long', 'Too long.')) : Promise.resolve(message(0))) };
  const outbox = new Outbox(world(await cache(), refusing));
  await outbox.start();
  await outbox.add('c', { kind: 'message', text: 'bad', replyTo: null });
  await outbox.add('c', { kind: 'message', text: 'good', replyTo: null });
  await settle(() => outbox.waiting.get().length === 1);
  expect(outbox.waiting.get()[0]).toMatchObject({ text: 'bad', state: 'failed', reason: 'Too long.' });
});

test('of two tabs only the one that holds the lock sends', async () => {
  const store = await cache();
  const server = new Server();
  const sending = vi.spyOn(server, 'send');
  const leader = new Outbox(world(store, server));
  const follower = new Outbox(world(store, { send: () => Promise.reject(new Error('not mine to send')) }, { alone: () => {}, tell: () => void leader.reload() }));
  await leader.start();
  await follower.start();
  await follower.add('c', { kind: 'message', text: 'from the other tab', replyTo: null });
  await settle(() => leader.waiting.get().length === 0 && server.log.length === 1);
  expect(sending).toHaveBeenCalledTimes(1);
});

const edit = (seq: number, text: string): Doing => ({ kind: 'edit', seq, text });

test('a change waits for the message before it, and the last change of a message is the only one sent', async () => {
  const done: string[] = [];
  let isUp = false;
  const send = (one: Outgoing): Promise<Message | null> => {
    if (!isUp) return Promise.reject(ApiError.offline());
    done.push(`${one.kind} ${one.text}`);
    return Promise.resolve(message(one.seq ?? 9));
  };
  const outbox = new Outbox(world(await cache(), { send }));
  await outbox.start();
  await outbox.add('c', { kind: 'message', text: 'new', replyTo: null });
  await outbox.add('c', edit(3, 'first try'));
  await outbox.add('c', edit(4, 'another'));
  await outbox.add('c', edit(3, 'second try'));
  await outbox.add('c', { kind: 'delete', seq: 4 });
  isUp = true;
  outbox.hurry();
  await settle(() => outbox.waiting.get().length === 0);
  expect(done).toEqual(['message new', 'edit second try', 'delete ']);
});

test('whatever is lost on the way, changes end as they were written last, and survive a closed tab', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('works', 'lost', 'unanswered'), { maxLength: 8 }), fc.nat(3), async (fates, closedAfter) => {
      const store = await cache();
      const texts = new Map<number, string>();
      const left = [...fates];
      const send = (one: Outgoing): Promise<Message | null> => {
        const fate = left.shift() ?? 'works';
        if (fate !== 'lost') texts.set(one.seq ?? -1, one.kind === 'delete' ? '' : one.text);
        return fate === 'works' ? Promise.resolve(message(one.seq ?? 0)) : Promise.reject(ApiError.offline());
      };
      const all: Doing[] = [edit(1, 'a'), edit(2, 'b'), edit(1, 'c'), { kind: 'delete', seq: 2 }];
      const closed = new Outbox(world(store, { send }));
      await closed.start();
      for (const doing of all.slice(0, closedAfter)) await closed.add('c', doing);
      closed.stop();
      const next = new Outbox(world(store, { send }, { now: () => 1_700_000_001_000 }));
      await next.start();
      for (const doing of all.slice(closedAfter)) await next.add('c', doing);
      await settle(() => next.waiting.get().length === 0);
      expect([...texts]).toEqual(expect.arrayContaining([[1, 'c'], [2, '']]));
    }),
    { numRuns: 25 },
  );
});

test('a marker waits for no message, only the newest goes, and one that is refused is no loss', async () => {
  const told: (number | null)[] = [];
  const send = (one: Outgoing): Promise<Message | null> => {
    if (one.kind === 'message') return Promise.reject(ApiError.offline());
    told.push(one.seq);
    return one.seq === 9 ? Promise.reject(new ApiError(404, 'not_found', 'gone')) : Promise.resolve(null);
  };
  let isLeader = (): void => {};
  const outbox = new Outbox(world(await cache(), { send }, { alone: (work) => void (isLeader = () => void work()) }));
  await outbox.start();
  await outbox.add('c', { kind: 'message', text: 'held up', replyTo: null });
  await outbox.add('c', { kind: 'read', seq: 5 });
  await outbox.add('c', { kind: 'read', seq: 7 });
  isLeader();
  await settle(() => told.length === 1);
  expect(told).toEqual([7]);
  await outbox.add('c', { kind: 'read', seq: 9 });
  await settle(() => told.length === 2 && outbox.waiting.get().length === 1);
  expect(outbox.waiting.get()[0]).toMatchObject({ text: 'held up' });
});

test('what is not on the disk yet is on the shelf when the page goes away, and the next tab sends it once', async () => {
  const store = await cache();
  const shelf = new Shelf(new FakeStorage(), 'ada');
  const never = { outgoing: () => store.outgoing(), saveOutgoing: () => new Promise<boolean>(() => undefined), dropOutgoing: () => store.dropOutgoing('') };
  const closed = new Outbox(world(store, new Server(), { cache: never, shelf }));
  await closed.start();
  void closed.add('c', { kind: 'message', text: 'Enter, and gone', replyTo: null });
  closed.keepNow();
  closed.stop();
  const server = new Server();
  for (let tab = 0; tab < 2; tab += 1) {
    const next = new Outbox(world(store, server, { shelf }));
    await next.start();
    await settle(() => next.waiting.get().length === 0);
    next.stop();
  }
  expect(server.log.map(({ text }) => text)).toEqual(['Enter, and gone']);
  expect(shelf.all('task ')).toEqual([]);
});

test('what a disk does not take is not lost when another tab changes the outbox', async () => {
  const store = await cache();
  const failing = { outgoing: () => store.outgoing(), saveOutgoing: () => Promise.resolve(false), dropOutgoing: () => Promise.resolve(false) };
  const outbox = new Outbox(world(store, { send: () => Promise.reject(ApiError.offline()) }, { cache: failing }));
  await outbox.start();
  await outbox.add('c', { kind: 'message', text: 'only here', replyTo: null });
  await outbox.reload();
  expect(outbox.waiting.get().map(({ text }) => text)).toEqual(['only here']);
});

test('a message is shown as it will be, as the same object each time, until the change is refused', async () => {
  const refused = new ApiError(409, 'message_deleted', 'It was deleted.');
  let fails = (): void => {};
  const outbox = new Outbox(world(await cache(), { send: () => new Promise((_, reject) => (fails = () => reject(refused))) }));
  await outbox.start();
  const before = message(3);
  await outbox.add('c', edit(3, 'better'));
  const shown = outbox.overlay(before);
  expect(shown).toMatchObject({ seq: 3, text: 'better' });
  expect(shown.edited_at).not.toBeNull();
  expect(outbox.overlay(before)).toBe(shown);
  expect(outbox.overlay(message(4))).toMatchObject({ text: 'number 4' });
  fails();
  await settle(() => outbox.waiting.get()[0]?.state === 'failed');
  expect(outbox.overlay(before)).toBe(before);
  expect(outbox.waiting.get()[0]).toMatchObject({ code: 'message_deleted', reason: 'It was deleted.', title: 'Crew' });
});

test('a reaction is shown at once, the newest of its kind goes out, and one that is refused is told and forgotten', async () => {
  const sent: string[] = [];
  const told: string[] = [];
  const refused = new ApiError(422, 'too_many_reactions', 'So many.');
  const server = { send: ({ kind, text }: Outgoing) => (sent.push(`${kind} ${text}`), text === '🎉' ? Promise.reject(refused) : Promise.resolve(null)) };
  let isLeader = (): void => {};
  const outbox = new Outbox(world(await cache(), server, { alone: (work) => void (isLeader = () => void work()), refused: ({ text }, { code }) => told.push(`${text} ${code}`) }));
  await outbox.start();
  const before = message(3, { text: 'one' });
  await outbox.add('c', { kind: 'react', seq: 3, text: '👍🏽' });
  const shown = outbox.overlay(before);
  expect(shown).toMatchObject({ text: 'one', reactions: [{ emoji: '👍', count: 1, mine: true }] });
  expect(outbox.overlay(before)).toBe(shown);
  await outbox.add('c', edit(3, 'two'));
  expect(outbox.overlay(before)).toMatchObject({ text: 'two', reactions: [{ emoji: '👍' }] });
  await outbox.add('c', { kind: 'unreact', seq: 3, text: '👍' });
  await outbox.add('c', { kind: 'react', seq: 3, text: '🎉' });
  expect(outbox.overlay(before).reactions?.map(({ emoji }) => emoji)).toEqual(['🎉']);
  isLeader();
  await settle(() => outbox.waiting.get().length === 0);
  expect(sent).toEqual(['edit two', 'unreact 👍', 'react 🎉']);
  expect(told).toEqual(['🎉 too_many_reactions']);
});

test('something that only a newer client knows how to do is left for it, and holds nothing up', async () => {
  const store = await cache();
  const newer = { clientId: 'x', chat: 'c', author: 'ada', text: '', replyTo: null, at: '', state: 'queued', reason: null, kind: 'vote', seq: 3, title: null, code: null, n: 1 };
  await store.saveOutgoing(newer as unknown as Outgoing);
  const server = new Server();
  const outbox = new Outbox(world(store, server));
  await outbox.start();
  await outbox.add('c', { kind: 'message', text: 'goes on', replyTo: null });
  await settle(() => server.log.length === 1);
  expect((await store.outgoing()).map(({ kind }) => kind)).toContain('vote');
});

test('a refusal is kept with its code and what the server said', async () => {
  const outbox = new Outbox(world(await cache(), { send: () => Promise.reject(new ApiError(404, 'not_found', 'It is not there.')) }));
  await outbox.start();
  await outbox.add('c', { kind: 'message', text: 'too late', replyTo: null });
  await settle(() => outbox.waiting.get()[0]?.state === 'failed');
  expect(outbox.waiting.get()[0]).toMatchObject({ code: 'not_found', reason: 'It is not there.' });
});

test('after a restore of the server nothing is done to a message that has the number of another', async () => {
  const done: string[] = [];
  let isUp = false;
  const send = (one: Outgoing): Promise<Message | null> => {
    if (!isUp) return Promise.reject(ApiError.offline());
    done.push(`${one.kind} ${one.text} ${one.replyTo}`);
    return Promise.resolve(message(0));
  };
  const outbox = new Outbox(world(await cache(), { send }));
  await outbox.start();
  await outbox.add('c', { kind: 'message', text: 'an answer', replyTo: 7 });
  await outbox.add('c', edit(3, 'words of a change'));
  await outbox.add('c', { kind: 'delete', seq: 4 });
  await outbox.add('c', { kind: 'read', seq: 5 });
  await outbox.add('c', { kind: 'react', seq: 6, text: '🎉' });
  await outbox.add('c', { kind: 'save', seq: 6 });
  await outbox.add('c', { kind: 'message', text: 'look', replyTo: null, forward: { chat: 'd', seq: 2, author: 'ada', at: '', text: 'the tide' } });
  await outbox.otherHistory();
  isUp = true;
  outbox.hurry();
  for (const { clientId } of outbox.waiting.get().slice(1)) await outbox.retry(clientId);
  await settle(() => done.length > 0 && outbox.waiting.get().length === 3);
  expect(done).toEqual(['message an answer null']);
  expect(outbox.waiting.get().map(({ kind, text, state, code }) => [kind, text, state, code])).toEqual([
    ['edit', 'words of a change', 'failed', 'other_history'],
    ['delete', '', 'failed', 'other_history'],
    ['message', 'look', 'failed', 'other_history'],
  ]);
});
