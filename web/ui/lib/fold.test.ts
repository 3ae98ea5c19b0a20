import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMarkdown, type Block, type Inline } from '../../core';
import { beginning, flow, fold } from './fold';

const parts = ['a\n', '\\\\', '@ab ', '```\n', '# a\n', '`a` ', '*a* ', '[', '> a\n', '- a\n', '  - a\n', '|a|b|\n', '|-|-|\n', 'word ', 'a\n\n', '**a** ', 'http://a.b ', '\u{1F600}'];

/** How many elements and texts a tree becomes. */
const drawn = (blocks: readonly Block[]): number => blocks.reduce((sum, block) => sum + one(block), 0);
const flat = (all: readonly Inline[]): number => flow(all).reduce((sum, piece) => sum + 1 + ('children' in piece ? flat(piece.children) : 0), 0);
function one(block: Block): number {
  if (block.type === 'paragraph' || block.type === 'heading') return 1 + flat(block.children);
  if (block.type === 'quote') return 1 + drawn(block.children);
  if (block.type === 'list') return 1 + block.items.reduce((sum, item) => sum + 1 + drawn(item), 0);
  if (block.type === 'table') return 1 + [block.header, ...block.rows].reduce((sum, row) => sum + 1 + row.reduce((cells, cell) => cells + 1 + flat(cell), 0), 0);
  return 1;
}
const lines = (blocks: readonly Block[]): number => JSON.stringify(blocks).split(/"break"|\\n/u).length;

test('what is drawn at first is little, whatever the text is', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...parts), fc.integer({ min: 1, max: 3_000 })), { minLength: 1, maxLength: 5 }), (some) => {
      const text = some.map(([part, n]) => part.repeat(n)).join('').slice(0, 16_384);
      const start = beginning(text);
      expect(start.length).toBeLessThanOrEqual(3_000);
      expect(text.startsWith(start)).toBe(true);
      const { blocks } = fold(parseMarkdown(start), 0);
      expect(drawn(blocks)).toBeLessThan(320);
      expect(lines(blocks)).toBeLessThan(40);
    }),
    { numRuns: 300 },
  );
});

test('a text that is short enough is whole', () => {
  for (const text of ['hello', 'a\nb\nc', '- a\n- b', `${'word '.repeat(300)}end`]) {
    expect(beginning(text)).toBe(text);
    expect(fold(parseMarkdown(text), 0)).toEqual({ blocks: parseMarkdown(text), more: false });
  }
});

test('asking for more shows all of the longest message', () => {
  for (const part of parts) {
    const blocks = parseMarkdown(part.repeat(16_384 / part.length));
    expect(fold(blocks, 2), part).toEqual({ blocks, more: false });
  }
});

test('a thousand lines are one text', () => {
  const [block] = parseMarkdown('a\n'.repeat(1_000));
  expect(block?.type === 'paragraph' && flow(block.children)).toHaveLength(1);
});
