import { expect, test } from 'vitest';
import { pictured } from './pictured';

test.each([
  ['❤', '❤\uFE0F'],
  ['❤\uFE0F', '❤\uFE0F'],
  ['👍', '👍'],
  ['👍🏽', '👍🏽'],
  ['1\u20E3', '1\uFE0F\u20E3'],
  ['🇫🇷', '🇫🇷'],
  ['🕵🏽\u200D♂', '🕵🏽\u200D♂\uFE0F'],
  ['👁\u200D🗨', '👁\uFE0F\u200D🗨\uFE0F'],
])('%s is drawn as a picture', (counted, drawn) => {
  expect(pictured(counted)).toBe(drawn);
});
