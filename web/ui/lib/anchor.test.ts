import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inSight, moved, type Lie, type Place } from './anchor';

const height = 600;

interface Drawn {
  key: string;
  tall: number;
}

function lie(rows: readonly Drawn[], top: number): Lie {
  const places: Place[] = [];
  let at = 0;
  for (const { key, tall } of rows) {
    places.push({ key, seq: Number(key), at, end: at + tall });
    at += tall;
  }
  return { top, height, total: at, rows: places };
}

const tall = fc.integer({ min: 20, max: 400 });
const list = (from: number, most: number) => fc.array(tall, { minLength: 0, maxLength: most }).map((sizes) => sizes.map((size, n): Drawn => ({ key: `${from + n}`, tall: size })));

test('rows that come, go or grow out of sight move nothing that is in sight', () => {
  fc.assert(
    fc.property(list(0, 60), list(1000, 60), list(2000, 60), list(3000, 40), fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (above, shown, below, more, part, taken) => {
      const before = [...above, ...shown, ...below];
      const total = before.reduce((sum, row) => sum + row.tall, 0);
      const was = lie(before, Math.max(0, (total - height) * part));
      const seen = new Set(inSight(was).map(({ key }) => key));
      const far = (row: Drawn): boolean => !seen.has(row.key);
      const grown = before.map((row) => (far(row) ? { ...row, tall: row.tall + 37 } : row));
      const rows = [...more, ...(taken ? grown.filter((row) => !far(row)) : grown)];
      const now = lie(rows, 0);
      const top = was.top + moved(was, now);
      for (const old of inSight(was)) {
        const row = now.rows.find(({ key }) => key === old.key);
        if (row) expect(row.at - top).toBeCloseTo(old.at - was.top, 5);
      }
    }),
    { numRuns: 500 },
  );
});

test('a row that grows under the hand stays, though others were above it', () => {
  const before = lie([{ key: '1', tall: 300 }, { key: '2', tall: 900 }, { key: '3', tall: 100 }], 700);
  const after = lie([{ key: '1', tall: 300 }, { key: '2', tall: 2_000 }, { key: '3', tall: 100 }], 700);
  expect(moved(before, after, '2')).toBe(0);
  expect(moved(before, after)).toBe(1_100);
});

test('when the row in view is taken away, the next one stays', () => {
  const before = lie([{ key: '1', tall: 100 }, { key: '2', tall: 100 }, { key: '3', tall: 100 }], 100);
  expect(moved(before, lie([{ key: '3', tall: 100 }], 0))).toBe(-200);
});
