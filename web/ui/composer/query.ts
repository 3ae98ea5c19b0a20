import type { Edit } from './edit';

/** A name that is being typed: of a person after `@`, of an emoji after `:`. */
export interface Query {
  sign: '@' | ':';
  text: string;
}

/** What is being typed before the caret, or null when it is no name. */
export function queryAt({ text, start, end }: Edit): Query | null {
  if (start !== end) return null;
  const before = text.slice(Math.max(0, start - 40), start);
  const person = /(?:^|[\s([{>*_"'])@([\p{L}\p{N}._-]{0,32})$/u.exec(before)?.[1];
  if (person !== undefined) return { sign: '@', text: person };
  const emoji = /(?:^|[\s([{>*_"'\p{Emoji_Presentation}\uFE0F]):([\p{L}\p{N}+][\p{L}\p{N}+_-]{1,31})$/u.exec(before)?.[1];
  return emoji === undefined ? null : { sign: ':', text: emoji };
}

/** Finishes what is being typed, sign and all, with a word and a space behind it. */
export function complete({ text, start }: Edit, query: Query, word: string): Edit {
  const from = start - query.text.length - 1;
  const rest = text.slice(start);
  const caret = from + word.length + 1;
  return { text: text.slice(0, from) + word + (rest.startsWith(' ') ? '' : ' ') + rest, start: caret, end: caret };
}

/** The name of an emoji whose second colon has just been typed, or null. */
export function closedAt({ text, start, end }: Edit): string | null {
  if (start !== end) return null;
  return /(?:^|[^\p{L}\p{N}/:]):([a-z0-9_+-]{1,40}):$/u.exec(text.slice(Math.max(0, start - 50), start))?.[1] ?? null;
}

/** A word in the place of the selection. */
export const insert = ({ text, start, end }: Edit, word: string): Edit => ({ text: text.slice(0, start) + word + text.slice(end), start: start + word.length, end: start + word.length });

const formatted = /<(?:a|b|strong|i|em|s|del|strike|code|pre|[uo]l|blockquote|h[1-6]|table)[\s>]|font-(?:weight|style)|line-through/iu;

/** Whether a paste is more than its plain text: a page with something in it, or an address over a selection. */
export const mayNeedReading = ({ start, end }: Edit, html: string, text: string): boolean => formatted.test(html) || (start !== end && /^\s*https?:/iu.test(text));
