const bytes = new TextEncoder();

/** How many more characters fit into a message of at most `most` bytes; negative if it is too long. Those that come are taken to be like those that are there. */
export function roomFor(text: string, most: number): number {
  if (text.length * 3 <= most * 0.9) return most - text.length;
  const size = bytes.encode(text).length;
  const each = Math.max(1, size / text.length);
  return size > most ? -Math.ceil((size - most) / each) : Math.floor((most - size) / each);
}
