import { parseMarkdown, type Inline } from '../../core';

/** A text that is read as itself: what would be a mark in it gets a backslash, and only then. */
export function escaped(text: string): string {
  if (!/[\\`*_~[\]<>#+\-.)|=]/u.test(text) || isPlain(text)) return text;
  const marked = text.replaceAll(/[\\`*_~[\]<|]/gu, String.raw`\$&`);
  return marked.replace(/^(\s*)([#>+=-])/u, String.raw`$1\$2`).replace(/^(\s*\d{1,9})([.)])(?=\s|$)/u, String.raw`$1\$2`);
}

function isPlain(text: string): boolean {
  const [first, ...rest] = parseMarkdown(text);
  return rest.length === 0 && first?.type === 'paragraph' && first.children.map(saysItself).join('') === text.trim();
}

/** Addresses and names are links and mentions without a mark. */
function saysItself(piece: Inline): string {
  if (piece.type === 'text') return piece.text;
  if (piece.type === 'mention') return `@${piece.username}`;
  return piece.type === 'link' ? piece.children.map(saysItself).join('') : '\0';
}
