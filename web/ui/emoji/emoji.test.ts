import table from 'emoji:table';
import en from 'emoji:en';
import fr from 'emoji:fr';
import { expect, test } from 'vitest';
import { findEmoji } from './find';
import { endsInCode, mayHaveEmoji, withEmoji } from './replace';
import { categories, tableOf } from './table';
import { toned } from './tone';

const english = tableOf(table, en);
const french = tableOf(table, fr);
const emojiOf = (name: string): string | undefined => english.named.get(name)?.char;

test('every emoji has a name, a word in both languages and a category', () => {
  for (const { groups, all } of [english, french]) {
    expect(groups).toHaveLength(categories.length);
    expect(all.length).toBeGreaterThan(1_800);
    for (const { char } of all) expect(char).toMatch(new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v'));
    for (const { char, names, label } of all) expect([char, names.length > 0, label.length > 0]).toEqual([char, true, true]);
  }
  expect(english.of.get('🎉')?.label).toBe('party popper');
  expect(french.of.get('🎉')?.label).toBe('cotillons');
});

test.each([
  ['tada', '🎉'],
  ['thumbs up', '👍'],
  ['+1', '👍'],
  ['flag fra', '🇫🇷'],
])('%s is found first as %s', (typed, char) => {
  expect(findEmoji(english.all, typed)[0]?.char).toBe(char);
});

test('what is called so comes before what begins so, and both before what is found by another word', () => {
  const found = findEmoji(english.all, 'heart').map(({ char }) => char);
  expect(found[0]).toBe('❤️');
  expect(found.indexOf('💓')).toBeGreaterThan(0);
  expect(found.indexOf('💓')).toBeLessThan(found.indexOf('💌'));
  expect(findEmoji(english.all, 'zzzz')).toEqual([]);
  expect(findEmoji(french.all, 'FÊTE').map(({ char }) => char)).toContain('🎉');
});

test('a tone follows everybody in the picture', () => {
  expect([toned('👍', 0), toned('👍', 3), toned('👩‍🚀', 5), toned('🎉', 2)]).toEqual(['👍', '👍🏽', '👩🏿‍🚀', '🎉']);
  expect(english.named.get('tada')?.hasTones).toBe(false);
  expect(english.named.get('+1')?.hasTones).toBe(true);
});

test.each([
  ['done :tada:', 'done 🎉'],
  [':tada::tada: :nothing_so:', '🎉🎉 :nothing_so:'],
  ['at 10:100:20, in std::fire::x and http://a.b/:fire:', 'at 10:100:20, in std::fire::x and http://a.b/:fire:'],
  ['`:tada:` is :tada:', '`:tada:` is 🎉'],
  ['a ` and :tada:', 'a ` and 🎉'],
  ['``:fire: ` :fire:`` :fire:', '``:fire: ` :fire:`` 🔥'],
  ['```\n:tada:\n```\n:tada:', '```\n:tada:\n```\n🎉'],
  ['~~~ js\n:tada:\n```\n:tada:', '~~~ js\n:tada:\n```\n:tada:'],
])('%j becomes %j', (text, wanted) => {
  expect(mayHaveEmoji(text)).toBe(true);
  expect(withEmoji(text, emojiOf)).toBe(wanted);
});

test.each([
  ['a `b', true],
  ['a `b`', false],
  ['```\nx', true],
  ['```\nx\n```\n', false],
  ['``x`', true],
])('whether %j ends in code: %s', (text, wanted) => {
  expect(endsInCode(text)).toBe(wanted);
});
