import { expect, test } from 'vitest';
import { closedAt, complete, insert, queryAt } from './query';
import type { Edit } from './edit';

/** A text whose caret is at `|`. */
const at = (text: string): Edit => ({ text: text.replace('|', ''), start: text.indexOf('|'), end: text.indexOf('|') });
const shown = ({ text, start }: Edit): string => `${text.slice(0, start)}|${text.slice(start)}`;

test.each([
  ['hi @a|', '@a'],
  ['@|', '@'],
  ['mail a@b|', null],
  ['well :ta|', ':ta'],
  [':fête|', ':fête'],
  ['🎉:ta|', ':ta'],
  ['at 10:30|', null],
  ['so :t|', null],
  [':) ok|', null],
  ['note: this|', null],
  [':tada:|', null],
])('in %j is typed %s', (text, wanted) => {
  const query = queryAt(at(text));
  expect(query && query.sign + query.text).toBe(wanted);
});

test('what was begun is finished, with one space behind it', () => {
  const finish = (text: string, word: string): string => shown(complete(at(text), queryAt(at(text)) ?? { sign: '@', text: '' }, word));
  expect(finish('hi @a|!', '@ada')).toBe('hi @ada |!');
  expect(finish('hi @a| there', '@ada')).toBe('hi @ada |there');
  expect(finish('so :ta|', '🎉')).toBe('so 🎉 |');
});

test.each([
  ['so :tada:|', 'tada'],
  [':+1:|', '+1'],
  ['10:30:|', null],
  ['so :tada: |', null],
])('%j closes the name %s', (text, wanted) => {
  expect(closedAt(at(text))).toBe(wanted);
});

test('a word takes the place of what is selected', () => {
  expect(insert({ text: 'a bc d', start: 2, end: 4 }, '🎉')).toEqual({ text: 'a 🎉 d', start: 4, end: 4 });
});
