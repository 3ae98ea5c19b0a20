import { escaped } from './escape';
import { inlineOf, type Style } from './inline';
import { tableOf } from './table';
import { readHtml, type Element, type Node } from './tree';

const blocks = new Set(['p', 'div', 'section', 'article', 'header', 'footer', 'main', 'aside', 'nav', 'figure', 'figcaption', 'address', 'dl', 'dt', 'dd', 'form', 'fieldset', 'details', 'summary', 'body', 'html', 'center', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'ul', 'ol', 'li', 'hr', 'table', 'tbody', 'tr', 'td', 'th']);
const bare: Style = { marks: '', isLink: false };

/** HTML as the Markdown that messages are written in. */
export const markdownOf = (html: string): string => blocksOf(readHtml(html).children, bare).join('\n\n');

/** The blocks that pieces of a page make, each as its lines. */
export function blocksOf(nodes: readonly Node[], style: Style): string[] {
  const out: string[] = [];
  let run: Node[] = [];
  const flush = (): void => {
    const text = inlineOf(run, style).trim();
    if (text) out.push(text);
    run = [];
  };
  for (const node of nodes) {
    if (typeof node === 'string' || !holdsBlock(node)) run.push(node);
    else {
      flush();
      out.push(...blockOf(node, style));
    }
  }
  flush();
  return out;
}

/** Whether something is a block, or lies around one: some put everything into one `<b>`. */
const holdsBlock = (node: Node): boolean => typeof node !== 'string' && (blocks.has(node.name) || node.children.some(holdsBlock));

function blockOf(element: Element, style: Style): string[] {
  const { name, children } = element;
  if (name === 'hr') return ['---'];
  if (name === 'pre') return [codeOf(element)];
  if (name === 'table') return tableOf(element, style) ?? blocksOf(children, style);
  if (name === 'ul' || name === 'ol') return [listOf(element, style)];
  if (name === 'blockquote') return [prefixed(blocksOf(children, style).join('\n\n'), '> ')].filter((text) => text !== '>');
  if (/^h[1-6]$/u.test(name)) return headingOf(element, style);
  return blocksOf(children, style);
}

function headingOf({ name, children }: Element, style: Style): string[] {
  // What is large is bold anyway.
  const text = inlineOf(children, { ...style, marks: `${style.marks}b` }).replaceAll(/\s+/gu, ' ').trim();
  return text ? [`${'#'.repeat(Number(name[1]))} ${text}`] : [];
}

function listOf({ name, attributes, children }: Element, style: Style): string {
  let number = Number(attributes['start'] ?? 1) || 1;
  const items = children.flatMap((child) => {
    if (typeof child === 'string') return child.trim() ? [`- ${escaped(child.trim())}`] : [];
    // Lists that some write into a list instead of into its item.
    if (child.name === 'ul' || child.name === 'ol') return [prefixed(listOf(child, style), '  ')];
    const marker = name === 'ol' ? `${number++}. ` : '- ';
    const inner = blocksOf(child.children, style).join('\n');
    return [marker + prefixed(inner, ' '.repeat(marker.length)).trimStart()];
  });
  return items.join('\n');
}

function codeOf(element: Element): string {
  const text = rawOf(element).replace(/^\n/u, '').trimEnd();
  const language = /(?:^|\s)(?:lang(?:uage)?|highlight-source)-([\w+#.-]+)/u.exec(classesOf(element))?.[1] ?? '';
  const longest = Math.max(2, ...[...text.matchAll(/`+/gu)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

const classesOf = (node: Node): string => (typeof node === 'string' ? '' : [node.attributes['class'] ?? '', ...node.children.map(classesOf)].join(' '));

function rawOf(node: Node): string {
  if (typeof node === 'string') return node;
  if (node.name === 'br') return '\n';
  const text = node.children.map(rawOf).join('');
  return node.name === 'div' && !text.endsWith('\n') ? `${text}\n` : text;
}

const prefixed = (text: string, prefix: string): string =>
  text
    .split('\n')
    .map((line) => (line ? prefix + line : prefix.trimEnd()))
    .join('\n');
