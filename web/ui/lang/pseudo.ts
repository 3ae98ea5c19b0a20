import { en, type Words } from './en';
import { enMore, type MoreWords } from './en-more';

const marks: Record<string, string> = { a: 'á', c: 'ç', e: 'é', i: 'í', n: 'ñ', o: 'ö', u: 'ü', y: 'ý', A: 'Å', C: 'Ç', E: 'É', I: 'Î', N: 'Ñ', O: 'Ö', S: 'Š', U: 'Û' };

/** Letters with marks, and four tenths more of them: what does not come from the catalogue shows, what has no room too. */
export function strange(text: string): string {
  // What stands in braces is filled in later.
  const marked = text.split(/(\{\w+\})/u).map((piece) => (piece.startsWith('{') ? piece : piece.replaceAll(/[a-zA-Z]/gu, (letter) => marks[letter] ?? letter)));
  const longer = 'ẋ'.repeat(Math.ceil(text.replaceAll(/\{\w+\}/gu, '').length * 0.4));
  return `${marked.join('')} ${longer}`;
}

type Entry = string | ((...given: never[]) => string) | { [name: string]: Entry };

function made<T extends Entry>(entry: T): T {
  if (typeof entry === 'string') return strange(entry) as T;
  if (typeof entry === 'function') return ((...given: never[]) => strange(entry(...given))) as T;
  return Object.fromEntries(Object.entries(entry).map(([name, one]) => [name, made(one)])) as T;
}

/** English that is as long as languages get, and written from the right: shows before any translator does what breaks. */
export const pseudo: Words = made(en);
export const pseudoMore: MoreWords = made(enMore);
