import { createRequire } from 'node:module';
import type { Plugin } from 'vite';
import { toned, tones } from '../ui/emoji/tone.ts';

interface Entry {
  hexcode: string;
  emoji: string;
  label: string;
  tags?: string[];
  group?: number;
  order?: number;
  version: number;
  skins?: { emoji: string }[];
}
type Names = Record<string, string | string[]>;

/** Newer ones are empty boxes on many devices. */
const newest = 16;
/** Tones and curls of hair are no pictures of their own. */
const component = 2;

const load = createRequire(import.meta.url);
const data = <T>(path: string): T => load(`emojibase-data/${path}.json`) as T;

/** Makes the modules `emoji:table`, and for every language `emoji:<language>`, out of the data of Emojibase. */
export function emoji(): Plugin {
  return {
    name: 'petit-emoji',
    resolveId: (id) => (id.startsWith('emoji:') ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith('\0emoji:')) return undefined;
      const what = id.slice('\0emoji:'.length);
      return `export default ${JSON.stringify(what === 'table' ? table() : words(what))}`;
    },
  };
}

function entries(): Entry[] {
  const known = data<Entry[]>('en/data').filter(({ group, version }) => group !== undefined && group !== component && version <= newest);
  // A sign that says "as a picture" is wanted only where the picture is not the usual form.
  const chars = known.map((one) => ({ ...one, emoji: one.emoji.replace(/^(\p{Emoji_Presentation})\uFE0F$/u, '$1') }));
  return chars.sort((a, b) => (a.group ?? 0) - (b.group ?? 0) || (a.order ?? 0) - (b.order ?? 0));
}

/** A line for each emoji, with `*` if it has tones and the names it is called by; groups are apart by an empty line. */
function table(): string {
  const sets = ['iamcal', 'github'].map((set) => data<Names>(`en/shortcodes/${set}`));
  const all = entries();
  return all
    .map((one, at) => {
      const names = new Set(sets.flatMap((set) => set[one.hexcode] ?? []));
      const isFirst = at > 0 && all[at - 1]?.group !== one.group;
      return `${isFirst ? '\n' : ''}${one.emoji}${hasTones(one) ? '*' : ''} ${[...names].join(' ')}`;
    })
    .join('\n');
}

/** Whether our own rule makes its tones; it does not for those that keep one person as they are. */
function hasTones({ emoji: char, skins = [] }: Entry): boolean {
  const bare = (text: string): string => text.replaceAll('\uFE0F', '');
  const known = new Set(skins.map((skin) => bare(skin.emoji)));
  return tones.every((tone) => tone === 0 || known.has(bare(toned(char, tone))));
}

/** In the same order what each is called, and what else it is found by. */
function words(language: string): string {
  const found = new Map(data<Entry[]>(`${language}/data`).map((one) => [one.hexcode, one]));
  return entries()
    .map(({ hexcode }) => {
      const { label = '', tags = [] } = found.get(hexcode) ?? {};
      return `${label}|${tags.filter((tag) => !label.includes(tag)).join(' ')}`;
    })
    .join('\n');
}
