import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMarkdown, type Block, type Inline } from './markdown';

const inlines = (blocks: Block[]): Inline[] =>
  blocks.flatMap((block): Inline[] => {
    switch (block.type) {
      case 'paragraph':
      case 'heading':
        return block.children;
      case 'quote':
        return inlines(block.children);
      case 'list':
        return block.items.flatMap(inlines);
      case 'table':
        return [...block.header.flat(), ...block.rows.flat(2)];
      default:
        return [];
    }
  });

const all = (parts: Inline[]): Inline[] => parts.flatMap((part) => ('children' in part ? [part, ...all(part.children)] : [part]));
const links = (source: string): string[] => all(inlines(parseMarkdown(source))).flatMap((part) => (part.type === 'link' ? [part.href] : []));

test('text, emphasis, code, lists, quotes and links become a tree', () => {
  expect(parseMarkdown('**bold** and `code`')).toEqual([
    { type: 'paragraph', children: [{ type: 'strong', children: [{ type: 'text', text: 'bold' }] }, { type: 'text', text: ' and ' }, { type: 'code', text: 'code' }] },
  ]);
  expect(parseMarkdown('```ts\nlet a = 1;\n```')).toEqual([{ type: 'code', language: 'ts', text: 'let a = 1;' }]);
  expect(parseMarkdown('> quoted')[0]).toMatchObject({ type: 'quote' });
  expect(parseMarkdown('1. one\n2. two')[0]).toMatchObject({ type: 'list', ordered: true, items: [[{}], [{}]] });
  expect(links('see [this](https://example.org)')).toEqual(['https://example.org']);
});

test('a line break in the text is a line break on the screen', () => {
  expect(parseMarkdown('a\nb')).toEqual([{ type: 'paragraph', children: [{ type: 'text', text: 'a' }, { type: 'break' }, { type: 'text', text: 'b' }] }]);
});

test('people who are named are set apart, addresses are not', () => {
  const named = all(inlines(parseMarkdown('hi @Nadia, mail me@example.org'))).filter((part) => part.type === 'mention');
  expect(named).toEqual([{ type: 'mention', username: 'nadia' }]);
});

const schemes = ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc', ' javascript:x', 'java\tscript:x', '//evil.example', '/\\evil', 'blob:x', 'about:blank'];

test('no link leads anywhere but to the web or to mail', () => {
  for (const scheme of schemes) {
    for (const source of [`[x](${scheme})`, `[x](<${scheme}>)`, `<${scheme}>`, `![x](${scheme})`, `[x][r]\n\n[r]: ${scheme}`]) {
      expect(links(source).filter((href) => !/^(?:https?:\/\/|mailto:)/iu.test(href)), source).toEqual([]);
    }
  }
});

test('HTML is text', () => {
  const source = '<img src=x onerror=alert(1)> <script>alert(1)</script>';
  const shown = all(inlines(parseMarkdown(source))).map((part) => ('text' in part ? part.text : '')).join('');
  expect(shown).toContain('<script>');
  expect(shown).toContain('<img src=x onerror=alert(1)>');
});

const bits = fc.constantFrom('*', '_', '`', '```', '[', ']', '(', ')', '<', '>', '!', '#', '-', '1. ', '\n', '\n\n', '|', '~', '\\', '&', 'a', ' ', '@bo', 'http://x.y', 'javascript:');

test('nothing anybody can type throws, links out of the web, or takes long', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(bits, { maxLength: 60 }).map((parts) => parts.join('')), fc.string({ unit: 'binary', maxLength: 200 })), (source) => {
      const found = links(source);
      for (const href of found) expect(href).toMatch(/^(?:https?:\/\/|mailto:)/iu);
    }),
    { numRuns: 2_000 },
  );
});

test('deep nesting ends in text instead of a full stack', () => {
  expect(() => parseMarkdown(`${'> '.repeat(2_000)}x`)).not.toThrow();
  expect(() => parseMarkdown(`${'*'.repeat(4_000)}x${'*'.repeat(4_000)}`)).not.toThrow();
});
