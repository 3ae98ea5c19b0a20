import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from './api';
import { Cache, type Outgoing } from './db';
import { Outbox, type OutboxWorld } from './outbox';
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

function world(store: Cache, server: { send(outgoing: Outgoing): Promise<Message> }, over: Partial<OutboxWorld> = {}): OutboxWorld {
  return {
    cache: store,
    author: 'ada',
    send: (outgoing) => server.send(outgoing),
    sent: () => {},
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
      for (const text of ['one', 'two', 'three']) await outbox.add('c', text, null);
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
  await closed.add('c', 'first', null);
  await closed.add('c', 'second', null);
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
  await outbox.add('c', 'bad', null);
  await outbox.add('c', 'good', null);
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
  await follower.add('c', 'from the other tab', null);
  await settle(() => leader.waiting.get().length === 0 && server.log.length === 1);
  expect(sending).toHaveBeenCalledTimes(1);
});
