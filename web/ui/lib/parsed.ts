import { parseMarkdown, type Block, type Inline } from '../../core';

const kept = new Map<string, Block[]>();
const most = 1000;
/** Written as text because the flag is younger than the language level we build for. */
const emoji = new RegExp(String.raw`^(?:\p{RGI_Emoji}\s*){1,3}$`, 'v');

/** The tree of a text. The newest thousand are kept, so that a chat drawn again is not read again. */
export function parsed(text: string): Block[] {
  let blocks = kept.get(text);
  if (!blocks) {
    blocks = parseMarkdown(text);
    if (kept.size >= most) kept.delete(kept.keys().next().value as string);
    kept.set(text, blocks);
  }
  return blocks;
}

/** Whether somebody is named in the text. */
export function names(blocks: readonly Block[], username: string): boolean {
  return blocks.some((block) => {
    if (block.type === 'paragraph' || block.type === 'heading') return named(block.children, username);
    if (block.type === 'list') return block.items.some((item) => names(item, username));
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
