import { expect, test } from 'vitest';
import { choices, local } from './later';

test('a time for later is offered from now on', () => {
  const friday = new Date(2026, 10, 27, 14, 5);
  const offered = choices(friday).map(({ label, at }) => `${label}: ${local(at)}`);
  expect(offered).toEqual(['In an hour: 2026-11-27T15:05', 'Tomorrow at 09:00: 2026-11-28T09:00', 'Monday at 09:00: 2026-11-30T09:00']);
});

test('on a Sunday, Monday is tomorrow and offered once', () => {
  const labels = choices(new Date(2026, 10, 29, 23, 0)).map(({ label }) => label);
  expect(labels).toEqual(['In an hour', 'Tomorrow at 09:00']);
});

test('on a Monday, Monday is the next one', () => {
  expect(local(choices(new Date(2026, 10, 30, 8, 0))[2]?.at ?? new Date(0))).toBe('2026-12-07T09:00');
});
