/** A text with its selection, as a textarea holds it. */
export interface Edit {
  text: string;
  start: number;
  end: number;
}

/** Puts a mark such as `**` around the selection, or takes it away again. */
export function toggleMark({ text, start, end }: Edit, mark: string): Edit {
  const size = mark.length;
  const wrapped = text.slice(start - size, start) === mark && text.slice(end, end + size) === mark;
  if (wrapped) {
    const bare = text.slice(0, start - size) + text.slice(start, end) + text.slice(end + size);
    return { text: bare, start: start - size, end: end - size };
  }
  const marked = text.slice(0, start) + mark + text.slice(start, end) + mark + text.slice(end);
  return { text: marked, start: start + size, end: end + size };
}

/** Puts a prefix such as `> ` before each selected line, or takes it away when all have it. */
export function toggleLines({ text, start, end }: Edit, prefix: string): Edit {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const lines = text.slice(from, end).split('\n');
  const has = lines.every((line) => line.startsWith(prefix));
  const changed = lines.map((line) => (has ? line.slice(prefix.length) : prefix + line)).join('\n');
  const step = has ? -prefix.length : prefix.length;
  return {
    text: text.slice(0, from) + changed + text.slice(end),
    start: Math.max(from, start + step),
    end: from + changed.length,
  };
}

/** A link around the selection; the address is selected, ready to be typed over. */
export function makeLink({ text, start, end }: Edit): Edit {
  const label = text.slice(start, end) || 'text';
  const address = 'https://';
  const before = `${text.slice(0, start)}[${label}](`;
  return { text: `${before}${address})${text.slice(end)}`, start: before.length, end: before.length + address.length };
}

/** A block of code around the selection, on lines of its own. */
export function makeCodeBlock({ text, start, end }: Edit): Edit {
  const lead = start > 0 && text[start - 1] !== '\n' ? '\n```\n' : '```\n';
  const before = text.slice(0, start) + lead;
  const body = text.slice(start, end);
  return { text: `${before}${body}\n\`\`\`${text.slice(end)}`, start: before.length, end: before.length + body.length };
}
