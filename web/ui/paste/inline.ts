import { escaped } from './escape';
import type { Element, Node } from './tree';

/** What text stands in already: `b`, `i` and `s` among the marks, and a link. */
export interface Style {
  marks: string;
  isLink: boolean;
}

const signs: Readonly<Record<string, string>> = { b: '**', i: '_', s: '~~' };
const named: Readonly<Record<string, string>> = { b: 'b', strong: 'b', i: 'i', em: 'i', cite: 'i', s: 's', strike: 's', del: 's' };

/** Text within one block, with its marks. */
export function inlineOf(nodes: readonly Node[], style: Style): string {
  const text = nodes.map((node) => (typeof node === 'string' ? textOf(node) : pieceOf(node, style))).join('');
  return text.replaceAll(/[ \t]*\n[ \t]*/gu, '\n').replaceAll(/ {2,}/gu, ' ');
}

/** White space is one space; that which does not break is one too. */
const textOf = (text: string): string => escaped(text.replaceAll(/[\s\u00a0]+/gu, ' '));

function pieceOf(element: Element, style: Style): string {
  const { name, attributes, children } = element;
  if (name === 'br') return '\n';
  if (name === 'img') return escaped(attributes['alt'] ?? '');
  if (name === 'input') return attributes['type'] === 'checkbox' ? ('checked' in attributes ? '[x] ' : '[ ] ') : '';
  if (name === 'code' || name === 'tt' || name === 'kbd' || name === 'samp') return code(bare(element));
  if (name === 'a' && !style.isLink) return linkOf(element, style);
  const fresh = [...marksOf(element)].filter((mark) => !style.marks.includes(mark));
  const inner = inlineOf(children, { ...style, marks: style.marks + fresh.join('') });
  return fresh.reduce((text, mark) => around(text, signs[mark] ?? ''), inner);
}

/** The marks that an element means by its name or by how it looks; Google's documents lie in a `<b>` that is not bold. */
function marksOf({ name, attributes }: Element): Set<string> {
  const style = attributes['style'] ?? '';
  const marks = new Set<string>(named[name] ? [named[name]] : []);
  if (/font-weight:\s*(?:bold|[6-9]00)/u.test(style)) marks.add('b');
  if (/font-weight:\s*(?:normal|[1-5]00)/u.test(style)) marks.delete('b');
  if (/font-style:\s*italic/u.test(style)) marks.add('i');
  if (/font-style:\s*normal/u.test(style)) marks.delete('i');
  if (/text-decoration[^;]*line-through/u.test(style)) marks.add('s');
  return marks;
}

/** Puts a mark around a text, but not around the space at its ends, where it would not be one. */
function around(text: string, sign: string): string {
  const [, before = '', inner = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/u.exec(text) ?? [];
  return inner ? `${before}${sign}${inner.replaceAll(/\n+/gu, `${sign}\n${sign}`)}${sign}${after}` : text;
}

function linkOf({ attributes, children }: Element, style: Style): string {
  const href = (attributes['href'] ?? '').trim();
  const text = inlineOf(children, { ...style, isLink: true });
  if (!/^(?:https?:\/\/|mailto:)\S+$/iu.test(href) || !text.trim()) return text;
  const bareHref = href.replace(/^mailto:/iu, '').replace(/\/$/u, '');
  if (text.trim().replace(/\/$/u, '') === bareHref) return text.replace(text.trim(), href.replace(/^mailto:/iu, ''));
  const [, before = '', label = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/u.exec(text.replaceAll('\n', ' ')) ?? [];
  return `${before}[${label}](${target(href)})${after}`;
}

/** An address as it stands in a link: in angles where a bracket in it would end the link. */
export const target = (href: string): string => (/[()]/u.test(href) ? `<${href.replaceAll(/[<>]/gu, encodeURIComponent)}>` : href);

function bare(node: Node): string {
  return typeof node === 'string' ? node.replaceAll(/[\s\u00a0]+/gu, ' ') : node.name === 'br' ? ' ' : node.children.map(bare).join('');
}

/** Code in a line, within as many back-ticks as it needs. */
function code(text: string): string {
  if (!text.trim()) return text;
  const runs = new Set([...text.matchAll(/`+/gu)].map(([run]) => run.length));
  let size = 1;
  while (runs.has(size)) size += 1;
  const pad = /^`|`$/u.test(text) ? ' ' : '';
  return '`'.repeat(size) + pad + text + pad + '`'.repeat(size);
}
