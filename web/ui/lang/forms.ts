import { locale } from './locale.svelte';

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

const kept = new Map<string, unknown>();

/** Formatters are slow to make: one of each kind is made for each locale. */
export function keep<T>(kind: string, make: (locale: string) => T): T {
  const key = `${kind} ${locale()}`;
  let found = kept.get(key) as T | undefined;
  if (found === undefined) kept.set(key, (found = make(locale())));
  return found;
}

/** A number as it is written here: `12,000`, `12 000`. */
export const num = (n: number): string => keep('number', (tag) => new Intl.NumberFormat(tag)).format(n);

/** The form of a sentence that goes with a number, which stands where `#` is. */
export function plural(n: number, forms: Forms): string {
  const rule = keep('plural', (tag) => new Intl.PluralRules(tag)).select(n);
  return (forms[rule] ?? forms.other).replace('#', num(n));
}

const lists = (): Intl.ListFormat => keep('list', (tag) => new Intl.ListFormat(tag, { type: 'conjunction' }));

/** Several things as one: `Ada`, `Ada and Bo`, `Ada, Bo and Cy`. */
export const list = (items: readonly string[]): string => lists().format(items);

/** A piece of a sentence; names are strong. */
export interface Part {
  text: string;
  strong: boolean;
}

/** The same as `list`, with every item strong. */
export const listParts = (items: readonly string[]): Part[] => lists().formatToParts(items).map(({ type, value }) => ({ text: value, strong: type === 'element' }));

/** A sentence in pieces, with what it speaks of where its place is: `{who} added {whom}`. */
export function fill(sentence: string, values: Record<string, string | Part[]>): Part[] {
  return sentence.split(/(\{\w+\})/u).flatMap((piece): Part[] => {
    const value = /^\{\w+\}$/u.test(piece) ? values[piece.slice(1, -1)] : undefined;
    if (value === undefined) return piece ? [{ text: piece, strong: false }] : [];
    return typeof value === 'string' ? [{ text: value, strong: true }] : value;
  });
}

/** Letters that are written from the right. */
const fromRight = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
const fromLeft = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}]/u;

/**
 * Somebody's words inside a sentence of ours that is no markup: kept apart where they run the other way, so that they
 * turn nothing around. Elsewhere they are as they are.
 */
export function iso(text: string): string {
  const other = document.documentElement.dir === 'rtl' ? fromLeft : fromRight;
  return other.test(text) ? `\u2068${text}\u2069` : text;
}
