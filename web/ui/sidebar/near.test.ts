import { expect, it } from 'vitest';
import { drawn, near } from './near';

it('takes what is near the screen, and stays the same while little is scrolled', () => {
  expect(near(0, 600, 56)).toEqual({ from: 0, to: 24 });
  expect(near(100, 600, 56)).toEqual({ from: 0, to: 24 });
  expect(near(5600, 600, 56)).toEqual({ from: 88, to: 120 });
});

it('takes none of a list that lies below or above the screen', () => {
  expect(near(-17_000, 600, 56).to).toBe(0);
  expect(drawn(near(9_000, 600, 56), 20, [])).toEqual([]);
});

it('draws rows that are needed wherever they are, each once and in order', () => {
  expect(drawn({ from: 8, to: 11 }, 100, [90, 2, 9, 90, -1])).toEqual([2, 8, 9, 10, 90]);
  expect(drawn({ from: 0, to: 24 }, 3, [])).toEqual([0, 1, 2]);
});
