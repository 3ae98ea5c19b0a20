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

const shown = (source: string): string =>
  parseMarkdown(source)
    .map((block) => (block.type === 'paragraph' ? block.children.map(draw).join('') : block.type))
    .join(' / ');
const draw = (piece: Inline): string => {
  if (piece.type === 'break') return '\n';
  if (piece.type === 'mention') return `{@${piece.username}}`;
  if (piece.type === 'code') return `{code ${piece.text}}`;
  return 'children' in piece ? `{${piece.type} ${piece.children.map(draw).join('')}}` : piece.text;
};

test('a mark that begins nothing is shown as it was typed', () => {
  for (const typed of ['>', '#', '# ', '###', '-', '- ', '* ', '1.', '> \n> ', '*', '**', '`', '[', '[]()', '\\', '~~', '@', '@a', '![', '```']) expect(shown(typed), typed).toBe(typed.trim().replaceAll(' \n', '\n'));
  expect(shown('text\n-')).toBe('text\n-');
  expect(shown('text\n=')).toBe('text\n=');
});

test.each([
  ['2*3*4', '2*3*4'],
  ['2**3**4', '2**3**4'],
  ['a*b*c and x_y_z', 'a*b*c and x_y_z'],
  ['*a* **b** ***c***', '{em a} {strong b} {em {strong c}}'],
  ['**API**s', '{strong API}s'],
  ['这是**重点**内容', '这是{strong 重点}内容'],
  ['~~gone~~ ~also~', '{del gone} {del also}'],
  ['**a *b* c**', '{strong a {em b} c}'],
  ['*a `*` b*', '{em a {code *} b}'],
  ['_*a_', '{em *a}'],
  ['``a ` b``', '{code a ` b}'],
  ['\\*a\\*', '*a*'],
  ['*a [b](https://x.y) c*', '{em a {link b} c}'],
  ['[a [b](https://x.y) c](https://z.y)', '[a {link b} c]({link https://z.y})'],
  ['see https://x.y/a_b_c_(d).', 'see {link https://x.y/a_b_c_(d)}.'],
  ['www.example.org, mail a.b@example.org', '{link www.example.org}, mail {link a.b@example.org}'],
  ['![cat](https://x.y/cat.png)', '{link cat}'],
  ['<https://x.y> <b>', '{link https://x.y} <b>'],
])('%s', (source, wanted) => expect(shown(source)).toBe(wanted));

test.each([
  ['@ann_ @ann. @ann, @ann', '{@ann_} {@ann}. {@ann}, {@ann}'],
  ['@ann-marie (@bo) a@ann', '{@ann-marie} ({@bo}) a@ann'],
  ['@annä @a @@ann', '@annä @a @@ann'],
])('people in %s', (source, wanted) => expect(shown(source)).toBe(wanted));

test('columns of a table keep their side', () => {
  expect(parseMarkdown('a|b|c|d\n:-|:-:|-:|-\n1|2|3|4')[0]).toMatchObject({ type: 'table', align: ['left', 'center', 'right', null], rows: [[[{ text: '1' }], [{ text: '2' }], [{ text: '3' }], [{ text: '4' }]]] });
});

test('blocks hold blocks, as they were indented', () => {
  expect(parseMarkdown('- a\n  - b\n    - c\n- d')).toMatchObject([{ type: 'list', items: [[{}, { type: 'list', items: [[{}, { type: 'list' }]] }], [{}]] }]);
  expect(parseMarkdown('> a\nb\n\nc')).toMatchObject([{ type: 'quote' }, { type: 'paragraph' }]);
  expect(parseMarkdown('1. a\n   ```\n   x\n\n\n   y\n   ```\n2. b')).toMatchObject([{ type: 'list', ordered: true, items: [[{}, { type: 'code', text: 'x\n\n\ny' }], [{}]] }]);
  expect(parseMarkdown('- [x] done\n- [ ] open')).toMatchObject([{ items: [[{ children: [{ text: '☑ ' }, { text: 'done' }] }], [{ children: [{ text: '☐ ' }, { text: 'open' }] }]] }]);
  expect(parseMarkdown('text\n- a\n\n```js\nlet x\n')).toMatchObject([{ type: 'paragraph' }, { type: 'list' }, { type: 'code', language: 'js', text: 'let x\n' }]);
  expect(parseMarkdown('Title\n===\n# One\n***')).toMatchObject([{ type: 'heading', level: 1 }, { type: 'heading', level: 1 }, { type: 'rule' }]);
});
