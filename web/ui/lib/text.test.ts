import { afterEach, expect, test, vi } from 'vitest';
import { plain, systemParts } from './chat';
import { paint } from './code';
import type { Message } from '../../core';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
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
  [['fr-FR', 'fr'], 'Today, 23 November'],
  [['fr', 'en-US'], 'Today, November 23'],
])('dates are in the language of the words around them for a browser in %s', async (languages, wanted) => {
  vi.stubGlobal('navigator', { ...navigator, languages });
  const { dayLine, clock } = await import('./time');
  expect(dayLine('2026-11-23T12:00:00', new Date('2026-11-23T13:00:00'))).toBe(wanted);
  expect(clock('no date')).toBe('');
});
