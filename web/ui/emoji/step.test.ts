import { expect, test } from 'vitest';
import { step } from './step';

// Two sections in rows of four: 0 1 2 3 / 4 5, then 6 7 8.
const go = (at: number, key: string): number => step([6, 3], 4, at, key);

test.each([
  [1, 'ArrowDown', 5],
  [3, 'ArrowDown', 5],
  [4, 'ArrowDown', 6],
  [5, 'ArrowDown', 7],
  [7, 'ArrowDown', 7],
  [8, 'ArrowUp', 5],
  [5, 'ArrowUp', 1],
  [2, 'ArrowUp', 2],
  [5, 'ArrowRight', 6],
  [6, 'ArrowLeft', 5],
  [0, 'ArrowLeft', 0],
  [8, 'ArrowRight', 8],
])('from %i %s leads to %i', (at, key, wanted) => {
  expect(go(at, key)).toBe(wanted);
});
