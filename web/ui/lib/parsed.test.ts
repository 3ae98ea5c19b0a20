import { expect, test } from 'vitest';
import { parsed } from './parsed';

test('a text that was read a moment ago is not read again, and thousands of short ones are not kept', () => {
  const first = parsed('the first');
  for (let n = 0; n < 500; n += 1) parsed(`number ${n}`);
  expect(parsed('the first')).toBe(first);
  for (let n = 0; n < 2_000; n += 1) parsed(`another ${n}`);
  expect(parsed('the first')).not.toBe(first);
});
