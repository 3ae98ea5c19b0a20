import { expect, test } from 'vitest';
import { backoff, reconnection } from './backoff';

const latest = () => 1;

test('a connection is tried again every few seconds at first, and more and more seldom after that', () => {
  const waits = Array.from({ length: 16 }, (_, n) => reconnection(n, latest));
  expect(waits.slice(0, 8)).toEqual([500, 1000, 2000, 3000, 3000, 3000, 3000, 3000]);
  expect(waits.slice(8)).toEqual(waits.slice(8).toSorted((a, b) => a - b));
  expect(waits.at(-1)).toBe(60_000);
});

test('anything else waits twice as long each time, up to a minute, and a crowd spreads out', () => {
  expect([0, 1, 2, 3].map((n) => backoff(n, latest))).toEqual([500, 1000, 2000, 4000]);
  expect([backoff(30, latest), backoff(30, () => 0)]).toEqual([60_000, 0]);
});
