import { inlineOf, type Style } from './inline';
import type { Element, Node } from './tree';

/** A table as Markdown; null for one that only places things, or whose cells hold more than a line. */
export function tableOf(table: Element, style: Style): string[] | null {
  const rows = within(table, 'tr').map((row) => row.children.filter((child): child is Element => typeof child !== 'string' && (child.name === 'td' || child.name === 'th')));
  const wide = Math.max(0, ...rows.map((row) => row.length));
  if (wide < 2 || rows.length < 2 || within(table, 'table').length > 0) return null;
  const lines = rows.map((row) => `| ${Array.from({ length: wide }, (_, n) => cellOf(row[n], style)).join(' | ')} |`);
  lines.splice(1, 0, `|${' --- |'.repeat(wide)}`);
  return [lines.join('\n')];
}

/** A cell is one line. */
function cellOf(cell: Element | undefined, style: Style): string {
  const marks = cell?.name === 'th' ? `${style.marks}b` : style.marks;
  const text = inlineOf(cell ? [spaced(cell)] : [], { ...style, marks });
  return text.replaceAll(/\s+/gu, ' ').trim().replaceAll(/(?<!\\)\|/gu, String.raw`\|`);
}

/** Blocks in a cell stand beside each other. */
const spaced = (element: Element): Element => ({ ...element, children: element.children.flatMap((child): Node[] => (typeof child === 'string' ? [child] : /^(?:p|div|li)$/u.test(child.name) ? [' ', spaced(child), ' '] : [spaced(child)])) });

const within = (element: Element, name: string): Element[] =>
  element.children.flatMap((child) => (typeof child === 'string' ? [] : child.name === name ? [child] : within(child, name)));
