import { parseMarkdown, type Block, type Inline } from '../../core';

const kept = new Map<string, Block[]>();
/** As many characters of text as their trees are kept for. */
const most = 300_000;
/** The tree of even the shortest text is as large as that of so many characters of a long one. */
const least = 250;
const weight = (text: string): number => text.length + least;
let held = 0;
/** Written as text because the flag is younger than the language level we build for. */
const emoji = new RegExp(String.raw`^(?:\p{RGI_Emoji}\s*){1,3}$`, 'v');

/** The tree of a text. What was read last is kept, so that a chat drawn again is not read again. */
export function parsed(text: string): Block[] {
  let blocks = kept.get(text);
  if (blocks) return blocks;
  blocks = parseMarkdown(text);
  kept.set(text, blocks);
  held += weight(text);
  for (const [old] of kept) {
    if (held <= most || old === text) break;
    kept.delete(old);
    held -= weight(old);
  }
  return blocks;
}

/** Whether a text names somebody. It is only read as a whole if it may. */
export const namesIn = (text: string, username: string): boolean => text.toLowerCase().includes(`@${username}`) && names(parsed(text), username);

function names(blocks: readonly Block[], username: string): boolean {
  return blocks.some((block) => {
    if (block.type === 'paragraph' || block.type === 'heading') return named(block.children, username);
    if (block.type === 'list') return block.items.some((item) => names(item, username));
    if (block.type === 'table') return [block.header, ...block.rows].flat().some((cell) => named(cell, username));
    return block.type === 'quote' && names(block.children, username);
  });
}

function named(pieces: readonly Inline[], username: string): boolean {
  return pieces.some((piece) => (piece.type === 'mention' ? piece.username === username : 'children' in piece && named(piece.children, username)));
}

/** One to three emoji and nothing else: drawn large. */
export function onlyEmoji(text: string): boolean {
  return text.length <= 40 && emoji.test(text.trim());
}
