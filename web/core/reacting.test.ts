import { expect, test } from 'vitest';
import { reactionIn, reactionsOf, withReaction } from './reacting';
import { message } from './testing/made_up';
import type { Message, Reaction, Task } from './types';

const thumb = (over: Partial<Reaction> = {}): Reaction => ({ emoji: '👍', count: 1, sample: ['bo'], mine: false, ...over });
const reacted = (...reactions: Reaction[]): Message => message(3, { reactions });
const task = (kind: Task['kind'], text: string): Task => ({ kind, text, author: 'ada', chat: 'c', seq: 3 }) as Task;

test('a reaction is counted once, in whatever tone', () => {
  const once = withReaction(reacted(thumb()), task('react', '👍🏽'));
  expect(once.reactions).toEqual([{ emoji: '👍', count: 2, sample: ['bo', 'ada'], mine: true }]);
  expect(withReaction(once, task('react', '👍'))).toBe(once);
});

test('one of a new kind comes last, without the tone it was chosen in', () => {
  expect(withReaction(reacted(thumb()), task('react', '👋🏿')).reactions).toEqual([thumb(), { emoji: '👋', count: 1, sample: ['ada'], mine: true }]);
});

test('a heart is a heart, however it is drawn', () => {
  const heart = reacted(thumb({ emoji: '❤️', count: 2, sample: ['bo', 'ada'], mine: true }));
  expect(reactionIn(heart, '❤')?.count).toBe(2);
  expect(withReaction(heart, task('unreact', '❤')).reactions).toEqual([thumb({ emoji: '❤️' })]);
});

test('the last one takes its kind along, and whoever did not react takes nothing back', () => {
  const mine = reacted(thumb({ sample: ['ada'], mine: true }), thumb({ emoji: '🎉' }));
  const gone = withReaction(mine, task('unreact', '👍'));
  expect(gone.reactions).toEqual([thumb({ emoji: '🎉' })]);
  expect(withReaction(gone, task('unreact', '🎉'))).toBe(gone);
});

test('nobody is named more often than the server names people', () => {
  const many = reacted(thumb({ count: 9, sample: ['bo', 'cy', 'di'] }));
  expect(withReaction(many, task('react', '👍')).reactions).toEqual([{ emoji: '👍', count: 10, sample: ['bo', 'cy', 'di'], mine: true }]);
});

test('a deleted message and an old copy have none', () => {
  expect(reactionsOf(message(3, { deleted: true, reactions: [thumb()] }))).toEqual([]);
  expect(reactionsOf(message(3))).toEqual([]);
});
