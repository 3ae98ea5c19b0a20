import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ranges } from './ranges';

const stretch = fc.tuple(fc.nat(60), fc.nat(12)).map(([from, length]) => ({ from, to: from + length }));

test('ranges hold exactly the numbers that were added, and gaps are exactly the others', () => {
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 20 }), (added) => {
      const ranges = new Ranges();
      const held = new Set<number>();
      for (const { from, to } of added) {
        ranges.add(from, to);
        for (let n = from; n <= to; n += 1) held.add(n);
      }
      const missing = ranges.gaps(0, 80).flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => from + at));
      expect(missing).toEqual(Array.from({ length: 81 }, (_, n) => n).filter((n) => !held.has(n)));
      for (let n = 0; n <= 80; n += 1) expect(ranges.has(n)).toBe(held.has(n));
    }),
  );
});

test('stretches neither touch nor overlap, whatever the order they came in', () => {
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 20 }), (added) => {
      const ranges = new Ranges();
      for (const { from, to } of added) ranges.add(from, to);
      const all = ranges.all;
      for (let at = 1; at < all.length; at += 1) {
        expect((all[at] as { from: number }).from).toBeGreaterThan((all[at - 1] as { to: number }).to + 1);
      }
    }),
  );
});
