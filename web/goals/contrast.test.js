// @vitest-environment node
import { expect, it } from 'vitest';
import { contrast, pairs, tooAlike } from './contrast.js';

it('computes contrast as the guidelines do', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.478, 3);
});

it('finds every pair of colours that is used different enough, in every accent and both themes', () => {
  expect(pairs.length).toBeGreaterThan(60);
  expect(tooAlike()).toEqual([]);
});
