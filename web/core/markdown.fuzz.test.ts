import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMarkdown, type Block, type Inline } from './markdown';

/** The long run, as `PETIT_FUZZ=10000 npx vitest run core/markdown.fuzz`. */
const runs = Number(process.env['PETIT_FUZZ'] ?? 300);
const longest = 16_384;
const stepsPerCharacter = 40;

const parts = ['a', ' ', '\n', '*', '**', '_', '~', '~~', '`', '``', '```', '[', ']', '](', '(http://', ')', '<', '>', '> ', '# ', '- ', '1. ', '  ', '    ', '\t', '|', '|-', ':-:|', '\\', '&', '!', '![', '@', '@ab ', '@a ', 'a@b.', 'http://a', 'www.a.b', '---', '===', '1', '*a', 'a*', '_a~', '**a *b', '[a](http://b', '[a]: b', '\u{1F600}', '中', '\r\n', '"', "'"];

const count = (blocks: readonly Block[]): number => blocks.reduce((sum, block) => sum + one(block), 0);
function one(block: Block): number {
  switch (block.type) {
    case 'paragraph':
    case 'heading':
      return 1 + pieces(block.children);
    case 'quote':
      return 1 + count(block.children);
    case 'list':
      return 1 + block.items.reduce((sum, item) => sum + 1 + count(item), 0);
    case 'table':
      return 1 + [block.header, ...block.rows].flat().reduce((sum, cell) => sum + 1 + pieces(cell), 0);
    default:
      return 1;
  }
}
const pieces = (all: readonly Inline[]): number => all.reduce((sum, piece) => sum + 1 + ('children' in piece ? pieces(piece.children) : 0), 0);

function check(text: string): void {
  const meter = { steps: 0 };
  const blocks = parseMarkdown(text, meter);
  expect(meter.steps, JSON.stringify(text.slice(0, 80))).toBeLessThan(stepsPerCharacter * text.length + 200);
  expect(count(blocks)).toBeLessThan(2 * text.length + 10);
}

const repeated = (part: string): string => part.repeat(Math.max(1, Math.floor(longest / part.length))).slice(0, longest);

test('the longest message of one part, repeated, takes work in proportion', () => {
  for (const part of parts) for (const end of ['', 'x', '\n', ')', '*']) check(repeated(part).slice(0, longest - 1) + end);
});

test('the longest message of two halves that answer each other takes work in proportion', () => {
  for (const part of parts) {
    const half = repeated(part).slice(0, longest / 2);
    check(half + [...half].reverse().join(''));
  }
});

test('no text takes more work than in proportion to its length', () => {
  const pattern = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 8 }).map((some) => repeated(some.join('')));
  const mixed = fc.array(fc.tuple(fc.constantFrom(...parts), fc.integer({ min: 1, max: 400 })), { minLength: 1, maxLength: 40 }).map((some) => some.map(([part, n]) => part.repeat(n)).join('').slice(0, longest));
  fc.assert(fc.property(fc.oneof(pattern, mixed), check), { numRuns: runs });
});
