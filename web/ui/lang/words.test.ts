import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { en } from './en';
import { enMore } from './en-more';
import { fill, iso, list, listParts, num } from './forms';
import { fr, frMore } from './fr';
import { formOf, languageFor } from './locale.svelte';
import { more } from './more';
import { pseudo, strange } from './pseudo';
import { speak, t } from './words.svelte';

beforeEach(async () => {
  vi.stubGlobal('navigator', { ...navigator, languages: ['en-GB'] });
  await speak('en');
});
afterEach(() => vi.unstubAllGlobals());

type Entry = string | ((...given: unknown[]) => string) | { [name: string]: Entry };

/** Every sentence of a catalogue, those with numbers for several numbers. */
function* sentences(entry: unknown, path = ''): Generator<[path: string, text: string]> {
  const one = entry as Entry;
  if (typeof one === 'string') yield [path, one];
  else if (typeof one === 'function') {
    for (const given of [0, 1, 2, 5, 1_000_000]) yield [`${path}(${given})`, one(takesList.has(path.split('.').at(-1) ?? '') ? ['Ada', 'Bo'] : given, given > 1)];
  } else for (const [name, inner] of Object.entries(one)) yield* sentences(inner, path ? `${path}.${name}` : name);
}
const takesList = new Set(['kept', 'have']);

const all = (catalogues: object[]): [string, string][] => catalogues.flatMap((one) => [...sentences(one)]);

test('French has the no-break spaces and the apostrophes that French has', async () => {
  await speak('fr');
  for (const [path, text] of all([fr, frMore])) {
    expect(text, path).not.toMatch(/ [?!;:»]|« |'|(?<![\u202f])[?!](?:$|\s)|\p{L}[;:](?:$|\s)/u);
    expect(text, path).not.toMatch(/\{(?!(?:who|whom|name|names|chat|key|section|file)\})/u);
  }
});

test('no sentence is left in English, and none speaks to one as a friend', async () => {
  await speak('fr');
  const same = new Set(['Ctrl', 'Actions', 'Messages', 'Message', 'Code', 'Admin', 'Rose', 'Violet', 'Open', 'Notifications', 'Mentions']);
  const english = new Map(all([en, enMore]));
  for (const [path, text] of all([fr, frMore])) {
    const isWord = /^[\p{L} .,’]+$/u.test(text) && !same.has(text) && !/\bmessages?\b/u.test(text);
    if (isWord) expect(text, path).not.toBe(english.get(path));
    expect(text, path).not.toMatch(/(?<!\p{L})(?:tu|toi|ton|tes|t’)(?!\p{L})/iu);
  }
});

test('sentences with places name the same places in every language', () => {
  const places = (text: string): string[] => (text.match(/\{\w+\}/gu) ?? []).sort();
  const english = new Map(all([en.entry, enMore.waiting, enMore.firstRun]));
  for (const [path, text] of all([fr.entry, frMore.waiting, frMore.firstRun])) expect(places(text), path).toEqual(places(english.get(path) ?? ''));
});

test('numbers, plurals and lists follow the language', async () => {
  expect(t().counts.members(1)).toBe('1 member');
  expect(t().counts.members(0)).toBe('0 members');
  expect(num(12_000)).toBe('12,000');
  expect(list(['Ada', 'Bo', 'Cy'])).toBe('Ada, Bo and Cy');
  await speak('fr');
  expect(t().counts.members(0)).toBe('0 membre');
  expect(t().counts.members(2)).toBe('2 membres');
  expect(num(12_000)).toBe('12\u202f000');
  expect(list(['Ada', 'Bo', 'Cy'])).toBe('Ada, Bo et Cy');
  expect(more().settings.appearance).toBe('Apparence');
});

test('the page says what language it speaks', async () => {
  const { documentElement: root } = document;
  await speak('fr');
  expect([root.lang, root.dir]).toEqual(['fr', 'ltr']);
  await speak('pseudo');
  expect([root.lang, root.dir]).toEqual(['en', 'rtl']);
  expect(t().common.reply).toBe(pseudo.common.reply);
});

test('the choice that was made last counts, though an earlier one comes later', async () => {
  const first = speak('fr');
  await speak('en');
  await first;
  expect(t().common.reply).toBe('Reply');
  expect(document.documentElement.lang).toBe('en');
});

test.each([
  ['browser', ['fr-CA', 'en'], 'fr'],
  ['browser', ['de', 'en-US', 'fr'], 'en'],
  ['browser', ['de', 'frr'], 'en'],
  ['en', ['fr'], 'en'],
  ['fr', ['en'], 'fr'],
] as const)('%s in a browser that wants %s is %s', (choice, tags, wanted) => {
  expect(languageFor(choice, tags)).toBe(wanted);
});

test('dates are written as the reader is used to, where their browser says how', () => {
  expect(formOf('en', ['de-DE', 'en-US'])).toBe('en-US');
  expect(formOf('en', ['fr-FR', 'fr'])).toBe('en-GB');
  expect(formOf('fr', ['en-US', 'fr-CH'])).toBe('fr-CH');
  expect(formOf('fr', ['fr'])).toBe('fr-FR');
});

test('a sentence is filled where its places are, and names are strong', () => {
  expect(fill('{who} added {whom}', { who: 'Ada', whom: 'Bo' })).toEqual([{ text: 'Ada', strong: true }, { text: ' added ', strong: false }, { text: 'Bo', strong: true }]);
  expect(fill('{names} are typing', { names: listParts(['Ada', 'Bo']) }).map(({ text }) => text).join('')).toBe('Ada and Bo are typing');
  // What somebody is called is not read again.
  expect(fill('{who} left', { who: '{whom}' })).toEqual([{ text: '{whom}', strong: true }, { text: ' left', strong: false }]);
});

test('names that run the other way are kept apart, others are as they are', () => {
  expect(iso('Ada')).toBe('Ada');
  expect(iso('דנה')).toBe('\u2068דנה\u2069');
  document.documentElement.dir = 'rtl';
  expect(iso('Ada')).toBe('\u2068Ada\u2069');
  expect(iso('דנה')).toBe('דנה');
});

test('the strange language is four tenths longer and keeps what is filled in', () => {
  expect(strange('{who} added {whom}')).toMatch(/^\{who\} áddéd \{whom\} ẋ+$/u);
  expect(strange('Nothing waits.').length).toBeGreaterThan(14 * 1.4);
});
