import { part } from '../state/part';
import { language } from '../lang/words.svelte';

/** One emoji, as people look for it. */
export interface Emoji {
  char: string;
  /** What it is called between colons, in every language the same. */
  names: readonly string[];
  /** Whether it comes in tones of skin. */
  hasTones: boolean;
  /** What it is called in the language of the page. */
  label: string;
  /** Everything it is found by, without marks on letters: names, label and what it stands for. */
  words: readonly string[];
}

export interface Table {
  /** By category, in the order of `categories`. */
  groups: readonly (readonly Emoji[])[];
  all: readonly Emoji[];
  named: ReadonlyMap<string, Emoji>;
  of: ReadonlyMap<string, Emoji>;
}

/** The categories of Unicode in their order. */
export const categories = ['smileys', 'people', 'nature', 'food', 'travel', 'activities', 'objects', 'symbols', 'flags'] as const;

const tables = {
  en: part(() => made(import('emoji:en'))),
  fr: part(() => made(import('emoji:fr'))),
};
let last: Table | null = null;

/** Every emoji, with words of the language of the page. */
export async function emojiTable(): Promise<Table> {
  last = await tables[language() === 'fr' ? 'fr' : 'en']();
  return last;
}

/** The same if it has been asked for before. */
export const knownEmoji = (): Table | null => last;

async function made(words: Promise<{ default: string }>): Promise<Table> {
  const [table, { default: lines }] = await Promise.all([import('emoji:table'), words]);
  return tableOf(table.default, lines);
}

/** Without marks on letters, small: as it is compared. */
export const simple = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

export function tableOf(table: string, words: string): Table {
  const said = words.split('\n');
  let at = 0;
  const groups = table.split('\n\n').map((group) => group.split('\n').map((line) => emojiOf(line, said[at++] ?? '')));
  const all = groups.flat();
  return { groups, all, named: new Map(all.flatMap((one) => one.names.map((name) => [name, one] as const))), of: new Map(all.map((one) => [one.char, one])) };
}

function emojiOf(line: string, said: string): Emoji {
  const [sign = '', ...names] = line.split(' ');
  const [label = '', tags = ''] = said.split('|');
  const words = new Set([...names.flatMap((name) => [name, ...name.split(/[_-]/u)]), ...simple(`${label} ${tags}`).split(/[^\p{L}\p{N}+]+/u)]);
  words.delete('');
  return { char: sign.replace(/\*$/u, ''), names, hasTones: sign.endsWith('*'), label, words: [...words] };
}
