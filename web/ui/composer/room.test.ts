import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roomFor } from './room';

const size = (text: string): number => new TextEncoder().encode(text).length;

test('a text is called too long exactly when it has too many bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'é', '漢', '😀', '\ud800', '\n'), { maxLength: 60 }).map((letters) => letters.join('')), fc.integer({ min: 1, max: 120 }), (text, most) => {
      expect(roomFor(text, most) < 0).toBe(size(text) > most);
    }),
    { numRuns: 60 },
  );
});

test('taking away as many characters as are told is enough for a text of like ones', () => {
  for (const letter of ['a', 'é', '漢']) {
    const text = letter.repeat(9_000);
    const over = -roomFor(text, 8_000);
    expect(size(text.slice(over))).toBeLessThanOrEqual(8_000);
  }
});
