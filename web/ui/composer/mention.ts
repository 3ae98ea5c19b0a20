import type { Edit } from './edit';

/** What stands between an `@` and the caret, or null when no name is being typed. */
export function mentionAt({ text, start, end }: Edit): string | null {
  if (start !== end) return null;
  return /(?:^|[\s([{>*_"'])@([\p{L}\p{N}._-]{0,32})$/u.exec(text.slice(0, start))?.[1] ?? null;
}

/** Finishes the name that is being typed. */
export function completeMention({ text, start }: Edit, query: string, username: string): Edit {
  const from = start - query.length;
  const rest = text.slice(start);
  const space = rest.startsWith(' ') ? '' : ' ';
  const caret = from + username.length + 1;
  return { text: text.slice(0, from) + username + space + rest, start: caret, end: caret };
}
