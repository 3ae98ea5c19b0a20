import type { Block, Inline } from '../../core';

/** How much of a text is drawn: its lines, as wide as they usually are, and its elements. */
interface Room {
  lines: number;
  nodes: number;
}

const width = 90;
/** What is shown at once, and after each time somebody wants more. */
const rooms: readonly Room[] = [
  { lines: 25, nodes: 150 },
  { lines: 300, nodes: 1_200 },
  { lines: 20_000, nodes: 20_000 },
];
const shortText = 3_000;
const shortLines = 60;

export interface Folded {
  blocks: Block[];
  /** Whether something was left out. */
  more: boolean;
}

/** The part of a text that has to be read to show its beginning. What is not shown costs nothing. */
export function beginning(text: string): string {
  let end = -1;
  for (let lines = 0; lines < shortLines; lines += 1) {
    const next = text.indexOf('\n', end + 1);
    if (next < 0 && text.length <= shortText) return text;
    if (next < 0 || next > shortText) return end > shortText / 2 ? text.slice(0, end) : cutAt(text, shortText);
    end = next;
  }
  return text.slice(0, end);
}

/** Not within a character of two halves, and between words if there is a space near. */
function cutAt(text: string, most: number): string {
  const space = text.lastIndexOf(' ', most);
  const end = space > Math.max(0, most - 100) ? space : most;
  return text.slice(0, /[\uD800-\uDBFF]/u.test(text[end - 1] ?? '') ? end - 1 : end);
}

/** As much of a tree as there is room for at a level: 0 at first, one more whenever somebody asks. */
export function fold(blocks: readonly Block[], level: number): Folded {
  const folding = new Folding(rooms[level] ?? (rooms.at(-1) as Room));
  const shown = folding.blocks(blocks);
  return { blocks: shown, more: folding.isFull };
}

class Folding {
  isFull = false;
  #lines: number;
  #nodes: number;

  constructor({ lines, nodes }: Room) {
    this.#lines = lines;
    this.#nodes = nodes;
  }

  blocks(all: readonly Block[]): Block[] {
    return this.#each(all, (block) => this.#block(block));
  }

  #each<T, U>(all: readonly T[], draw: (one: T) => U): U[] {
    const out: U[] = [];
    for (const one of all) {
      if (!this.#take(0, 1)) break;
      out.push(draw(one));
    }
    return out;
  }

  #take(lines: number, nodes: number): boolean {
    this.#lines -= lines;
    this.#nodes -= nodes;
    if (this.#lines <= 0 || this.#nodes <= 0) this.isFull = true;
    return !this.isFull;
  }

  #block(block: Block): Block {
    switch (block.type) {
      case 'paragraph':
      case 'heading':
        this.#take(1, 1);
        return { ...block, children: this.#inlines(block.children) };
      case 'code':
        return this.#code(block);
      case 'quote':
        return { ...block, children: this.blocks(block.children) };
      case 'list':
        return { ...block, items: this.#each(block.items, (item) => this.blocks(item)) };
      case 'table':
        return { ...block, header: this.#row(block.header), rows: this.#each(block.rows, (row) => this.#row(row)) };
      default:
        this.#take(1, 1);
        return block;
    }
  }

  #row(cells: readonly Inline[][]): Inline[][] {
    this.#take(1, 1);
    return this.#each(cells, (cell) => this.#inlines(cell));
  }

  #code(block: Extract<Block, { type: 'code' }>): Block {
    const lines = block.text.split('\n');
    const shown = Math.max(1, Math.min(lines.length, Math.floor(this.#lines) - 2));
    this.#take(shown + 2, shown + 4);
    if (shown < lines.length) this.isFull = true;
    return { ...block, text: shown < lines.length ? lines.slice(0, shown).join('\n') : block.text };
  }

  #inlines(pieces: readonly Inline[]): Inline[] {
    const out: Inline[] = [];
    for (const piece of pieces) {
      if (this.isFull) break;
      const drawn = this.#inline(piece);
      out.push(drawn);
    }
    return out;
  }

  #inline(piece: Inline): Inline {
    if (piece.type === 'break') {
      this.#take(1, 0);
      return piece;
    }
    this.#take(0, 1);
    if ('children' in piece) return { ...piece, children: this.#inlines(piece.children) };
    if (!('text' in piece)) return piece;
    const most = Math.max(width, Math.ceil(this.#lines * width));
    this.#take(piece.text.length / width, 0);
    if (piece.text.length <= most) return piece;
    this.isFull = true;
    return { ...piece, text: cutAt(piece.text, most) };
  }
}

/** Pieces as they are drawn: texts and the ends of lines in them are one text. */
export function flow(pieces: readonly Inline[]): Inline[] {
  const out: Inline[] = [];
  let text: string[] = [];
  const flush = (): void => {
    if (text.length > 0) out.push({ type: 'text', text: text.join('') });
    text = [];
  };
  for (const piece of pieces) {
    if (piece.type === 'text') text.push(piece.text);
    else if (piece.type === 'break') text.push('\n');
    else {
      flush();
      out.push(piece);
    }
  }
  flush();
  return out;
}
