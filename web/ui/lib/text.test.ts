import { afterEach, expect, test, vi } from 'vitest';
import { plain, systemParts } from './chat';
import { paint } from './paint';
import { speak } from '../lang/words.svelte';
import { prefs } from '../state/prefs.svelte';
import { clock, dayLine, exact, gutterClock, stamp } from './time';
import type { Message } from '../../core';

afterEach(async () => {
  vi.unstubAllGlobals();
  prefs.set({ hours: 'language' });
  await speak('en');
});

test('code that does not end is painted once through, and into few pieces', () => {
  for (const part of ['/*', '"\\', "'a", '`', '1.', 'f(', 'let ', '/* "', "'\\''"]) {
    const text = part.repeat(Math.floor(16_384 / part.length));
    const pieces = paint(text, 'ts');
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
    expect(pieces.length, part).toBeLessThan(900);
  }
  expect(paint('let a = "b"; // c', 'ts').map(({ kind }) => kind)).toEqual(['k', null, 'st', null, 'c']);
});

test('a preview reads no more of a text than it shows', () => {
  for (const part of ['[', '[a](', '`', '**', '![a](']) expect(plain(part.repeat(8_000)).length).toBeLessThanOrEqual(600);
  expect(plain('# **Plan**\n- see [this](https://x.y)')).toBe('Plan see this');
});

test('an entry of a kind that is not known says nothing about its author', () => {
  const entry = { kind: 'call_started', author: 'bo', subject: null, text: 'x' } as unknown as Message;
  expect(systemParts(entry, () => 'Bo')).toEqual([{ text: 'Something newer happened here', strong: false }]);
});

test.each([
  ['en', ['fr-FR', 'fr'], 'Today, 23 November', '13:05'],
  ['en', ['fr', 'en-US'], 'Today, November 23', '1:05 PM'],
  ['fr', ['en-US', 'en'], 'Aujourd’hui, 23 novembre', '13:05'],
] as const)('dates are in the language of the words around them: %s for a browser in %s', async (language, languages, wanted, hour) => {
  vi.stubGlobal('navigator', { ...navigator, languages });
  await speak(language);
  expect(dayLine('2026-11-23T12:00:00', new Date('2026-11-23T13:00:00'))).toBe(wanted);
  expect(clock('2026-11-23T13:05:00').replace('\u202f', ' ')).toBe(hour);
  expect(clock('no date')).toBe('');
});

test('hours are counted as was chosen, wherever a time is written', async () => {
  vi.stubGlobal('navigator', { ...navigator, languages: ['en-GB'] });
  await speak('en');
  prefs.set({ hours: '12' });
  const at = '2026-11-23T13:05:00';
  expect([clock(at), gutterClock(at)]).toEqual(['1:05 pm', '1:05']);
  expect(exact(at)).toMatch(/^Monday,? 23 November 2026 at 1:05 pm$/u);
  await speak('fr');
  expect(exact(at).replaceAll(/\s/gu, ' ')).toBe('lundi 23 novembre 2026 à 1:05 PM');
  prefs.set({ hours: '24' });
  expect([clock(at), gutterClock(at)]).toEqual(['13:05', '13:05']);
});

test('a line between days begins with a capital', async () => {
  await speak('fr');
  expect(dayLine('2026-11-18T12:00:00', new Date('2026-11-23T13:00:00'))).toBe('Mercredi 18 novembre');
});

test('the list of chats speaks to its reader, a timeline does not', async () => {
  const entry = { kind: 'member_joined', author: 'ada', subject: 'bo', text: '' } as unknown as Message;
  const name = (id: string): string => (id === 'ada' ? 'Ada' : 'Bo');
  const told = (reader?: string): string => systemParts(entry, name, reader).map(({ text }) => text).join('');
  expect([told(), told('ada'), told('bo')]).toEqual(['Ada added Bo', 'You added Bo', 'Ada added you']);
  await speak('fr');
  expect([told(), told('ada'), told('bo')]).toEqual(['Ada a ajouté Bo', 'Vous avez ajouté Bo', 'Ada vous a ajouté']);
});

test('a moment is written as pages may: three digits of a second at most', () => {
  expect(stamp('2026-11-23T13:05:00.967180Z')).toBe('2026-11-23T13:05:00.967Z');
  expect(stamp('2026-11-23T13:05:00Z')).toBe('2026-11-23T13:05:00Z');
});
