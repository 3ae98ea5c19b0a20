import { expect, test } from 'vitest';
import { parseMarkdown, type Inline } from '../../core';
import { escaped } from './escape';
import { markdownOf } from './markdown';
import { paste } from './paste';

test.each([
  ['<p>one <b>two </b>three</p><p>four</p>', 'one **two** three\n\nfour'],
  ['<strong><b>a</b></strong> <em>b</em> <del>c</del> <code>d`e</code>', '**a** _b_ ~~c~~ ``d`e``'],
  ['<b style="font-weight:normal"><p><span style="font-weight:700;font-style:italic">x</span></p></b>', '_**x**_'],
  ['<b style="font-weight:normal">x</b> <i style="font-style:normal">y</i>', 'x y'],
  ['<a href="https://a.b/c">see</a> <a href="https://a.b/">https://a.b</a> <a href="javascript:x">no</a>', '[see](https://a.b/c) https://a.b/ no'],
  ['<a href="https://a.b/c_(d)">see</a>', '[see](<https://a.b/c_(d)>)'],
  ['<ul><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ul>', '- a\n  - b\n- c'],
  ['<ol start="3"><li>a</li><li>b</li></ol>', '3. a\n4. b'],
  ['<ul><li><input type="checkbox" checked> done</li></ul>', '- [x] done'],
  ['<blockquote><p>a</p><p>b</p></blockquote>', '> a\n>\n> b'],
  ['<h2>Plan <b>B</b></h2>text', '## Plan B\n\ntext'],
  ['<pre class="language-rust"><code>let a = &quot;```&quot;;\n\n  b</code></pre>', '````rust\nlet a = "```";\n\n  b\n````'],
  ['<table><tr><th>a</th><th>b|c</th></tr><tr><td><p>1</p><p>2</p></td></tr></table>', '| a | b\\|c |\n| --- | --- |\n| 1 2 |  |'],
  ['<table><tr><td>only laid out</td></tr></table>', 'only laid out'],
  ['a<br>b &amp; c&nbsp;d<style>x{}</style><script>alert(1)</script><!-- y -->', 'a\nb & c d'],
  ['<b>over<br>two lines</b>', '**over**\n**two lines**'],
  ['<p>2*3*4 snake_case_name *not so*</p><p># no</p><p>1. no</p>', '2*3*4 snake_case_name *not so*'],
])('%s becomes %j', (html, wanted) => {
  if (html.startsWith('<p>2*')) expect(textsOf(markdownOf(html))).toEqual(['2*3*4 snake_case_name *not so*', '# no', '1. no']);
  else expect(markdownOf(html)).toBe(wanted);
});

const textsOf = (markdown: string): unknown[] => parseMarkdown(markdown).map((block) => (block.type === 'paragraph' ? block.children.map(textOf).join('') : block.type));
/** An address in it is a link however it is written; its brackets must still be there. */
const textOf = (piece: Inline): string => ('text' in piece ? piece.text : piece.type === 'link' ? piece.children.map(textOf).join('') : piece.type);

test.each(['plain - text. It is', '2 * 3', 'see https://a.b/c_d and @ada', 'a_b'])('%j needs no mark', (text) => {
  expect(escaped(text)).toBe(text);
});

test.each(['*a*', '`x`', '- a', '[a](https://b.c)', '<https://a.b>', '~~~', '\\*'])('%j is read as itself', (text) => {
  expect(textsOf(escaped(text))).toEqual([text]);
});

test('HTML without end, or deeper than anybody writes, is read once through', () => {
  expect(markdownOf('<b>'.repeat(50_000) + 'x')).toBe('**x**');
  expect(markdownOf('<div>'.repeat(50_000) + 'x')).toBe('x');
  expect(markdownOf('<ul><li>'.repeat(3_000) + 'x').length).toBeLessThan(20_000);
});

test('an address makes a link of what is selected, and code stays code', () => {
  const edit = { text: 'see this now', start: 4, end: 8 };
  expect(paste(edit, '', 'https://a.b/c').text).toBe('see [this](https://a.b/c) now');
  expect(paste({ ...edit, start: 4, end: 4 }, '', 'https://a.b/c').text).toBe('see https://a.b/cthis now');
  expect(paste({ text: 'in `', start: 4, end: 4 }, '<b>x</b>', 'x').text).toBe('in `x');
  expect(paste({ text: '', start: 0, end: 0 }, '<b>x</b>', 'x')).toEqual({ text: '**x**', start: 5, end: 5 });
});
