import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Acks } from './acks';
import { reachOf, Receipts, viewersOf } from './receipts';
import { Source } from './signal';
import type { Status } from './surface';
import type { Acked, Chat, Looked, Receipt, ReceiptsTold, Settings } from './types';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const chat = (id: string, head_seq: number, read_seq = -1): Chat => ({ id, head_seq, read_seq, role: 'member', member_count: 2 }) as Chat;

function acking(...chats: Chat[]) {
  const list = new Source<readonly Chat[]>([]);
  const told: Record<string, Acked>[] = [];
  const line = { isUp: true };
  const looked = new Source<Looked | null>(null);
  const status = new Source<Status>('online');
  const acks = new Acks({ chats: list, looked, status, ack: (acked) => line.isUp && told.push(acked) > 0 });
  list.set(chats);
  return { acks, list, told, line, looked, status, saw: (chat: string, seq: number): void => looked.set({ chat, seq }) };
}

test('what came is told once, together and at most every second', () => {
  const { list, told } = acking(chat('a', 3), chat('b', 0, 0));
  vi.advanceTimersByTime(100);
  expect(told).toEqual([{ a: { delivered: 3, seen: -1 } }]);
  for (const head of [4, 5, 6]) list.set([chat('a', head), chat('b', head, 0)]);
  vi.advanceTimersByTime(500);
  expect(told).toHaveLength(1);
  vi.advanceTimersByTime(500);
  expect(told[1]).toEqual({ a: { delivered: 6, seen: -1 }, b: { delivered: 6, seen: -1 } });
  list.set([chat('a', 6), chat('b', 6, 6)]);
  vi.advanceTimersByTime(5_000);
  expect(told).toHaveLength(2);
});

test('of a chat of which nothing is kept nothing is told', () => {
  const { told } = acking({ ...chat('a', 3), member_count: 5_000 }, { ...chat('b', 3), member_count: 5_001 });
  vi.advanceTimersByTime(2_000);
  expect(told).toEqual([{ a: { delivered: 3, seen: -1 } }]);
});

test('what was seen is told, never above what is here, and not what was read', () => {
  const { list, told, saw } = acking(chat('a', 3, 3));
  saw('a', 3);
  vi.advanceTimersByTime(2_000);
  expect(told).toEqual([]);
  list.set([chat('a', 5, 3)]);
  saw('a', 9);
  saw('a', 4);
  vi.advanceTimersByTime(2_000);
  expect(told).toEqual([{ a: { delivered: 5, seen: 5 } }]);
});

test('what could not be told, or may have been lost, is told over the next connection', () => {
  const { told, line, status } = acking(chat('a', 3));
  line.isUp = false;
  vi.advanceTimersByTime(3_000);
  expect(told).toEqual([]);
  line.isUp = true;
  for (const times of [1, 2]) {
    status.set('offline');
    status.set('online');
    vi.advanceTimersByTime(2_000);
    expect(told).toHaveLength(times);
  }
});

test('a frame names no more than 64 chats, and the others come after it', () => {
  const { told } = acking(...Array.from({ length: 150 }, (_, n) => chat(`c${n}`, 1)));
  vi.advanceTimersByTime(5_000);
  expect(told.map((chats) => Object.keys(chats).length)).toEqual([64, 64, 22]);
});

test('what was seen of another history is forgotten', () => {
  const { list, told, looked, saw } = acking(chat('a', 9));
  saw('a', 9);
  looked.set(null);
  list.set([chat('a', 4)]);
  vi.advanceTimersByTime(2_000);
  expect(told).toEqual([{ a: { delivered: 4, seen: -1 } }]);
});

test('of chats that one is not in nothing is told', () => {
  const { told } = acking({ ...chat('a', 3), role: null });
  vi.advanceTimersByTime(2_000);
  expect(told).toEqual([]);
});

const receipt = (user: string, delivered: number, seen: number | null, joined_seq = -1): Receipt => ({ user, joined_seq, delivered, seen });

function opened(answers: () => Promise<Receipt[]>) {
  const receiptsTold = new Source<ReceiptsTold | null>(null);
  const status = new Source<Status>('online');
  const settings = new Source<Settings>({ undo_s: 0, receipts: true, version: 0 });
  const asked = vi.fn(answers);
  const receipts = new Receipts({ receiptsTold, status, settings, receipts: asked });
  const told = (...all: Receipt[]): void => receiptsTold.set({ type: 'receipts', chat: 'a', receipts: all });
  return { receipts, status, settings, asked, told };
}

test('they are fetched when a chat is opened, and events bring them forward and never back', async () => {
  const { receipts, told, asked } = opened(() => Promise.resolve([receipt('ann', 3, 1), receipt('bo', -1, -1)]));
  const known = receipts.open('a');
  told(receipt('ann', 4, 2));
  await vi.runAllTimersAsync();
  expect([...known.get().values()]).toEqual([receipt('ann', 4, 2), receipt('bo', -1, -1)]);
  told(receipt('ann', 2, 0), receipt('bo', 4, null));
  expect(known.get().get('ann')).toEqual(receipt('ann', 4, 2));
  expect(known.get().get('bo')).toEqual(receipt('bo', 4, null));
  receipts.open('a');
  expect(asked).toHaveBeenCalledTimes(1);
});

test('they are fetched anew with a connection and when I change whether mine are told', async () => {
  const { receipts, status, settings, asked } = opened(() => Promise.resolve([]));
  receipts.open('a');
  status.set('offline');
  status.set('online');
  expect(asked).toHaveBeenCalledTimes(2);
  settings.set({ undo_s: 5, receipts: true, version: 1 });
  expect(asked).toHaveBeenCalledTimes(2);
  settings.set({ undo_s: 5, receipts: false, version: 2 });
  expect(asked).toHaveBeenCalledTimes(3);
  await vi.runAllTimersAsync();
});

test('without an answer what is known stays', async () => {
  const { receipts, told } = opened(() => Promise.reject(new Error('away')));
  const known = receipts.open('a');
  told(receipt('ann', 4, 2));
  await vi.runAllTimersAsync();
  expect(known.get().get('ann')).toEqual(receipt('ann', 4, 2));
});

test('a message came as far as with the last of those it was written to', () => {
  const message = { seq: 5, author: 'me' };
  const of = (...all: Receipt[]): string => reachOf(new Map(all.map((one) => [one.user, one])), message);
  const mine = receipt('me', 9, 9);
  expect(of(mine)).toBe('sent');
  expect(of(mine, receipt('ann', 4, 4))).toBe('sent');
  expect(of(mine, receipt('ann', 5, 4))).toBe('delivered');
  expect(of(mine, receipt('ann', 5, null))).toBe('delivered');
  expect(of(mine, receipt('ann', 5, 5))).toBe('seen');
  expect(of(mine, receipt('ann', 5, 5), receipt('bo', 4, 4))).toBe('sent');
  expect(of(mine, receipt('ann', 5, 5), receipt('late', -1, -1, 5))).toBe('seen');
  expect(viewersOf(new Map([mine, receipt('ann', 5, 5), receipt('bo', 6, null)].map((one) => [one.user, one])), message)).toEqual(['ann']);
});
