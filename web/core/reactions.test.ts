import { expect, test } from 'vitest';
import { afterReacting, reactionIn, reactionsOf, toldToEverybody, withOwn, withReaction } from './reactions';
import { message } from './testing/made_up';
import type { Message, Reaction, Task } from './types';

const crowd = ['ann', 'bo', 'cy'];
const reaction = (emoji: string, count: number, mine?: boolean): Reaction => ({
  emoji,
  count,
  sample: crowd.slice(0, count),
  ...(mine === undefined ? {} : { mine }),
});
const reacted = (cseq: number, ...reactions: Reaction[]): Message => message(0, { cseq, reactions });
const mine = ({ reactions }: Message): (boolean | undefined)[] => (reactions ?? []).map((one) => one.mine);

test('whose a reaction is follows from the sample, else from the copy that was held', () => {
  const held = reacted(1, reaction('👍', 9, true), reaction('🎉', 9, false));
  const told = reacted(2, reaction('👍', 8), reaction('🎉', 9), reaction('❤️', 2), reaction('👀', 5));
  expect(mine(withOwn(told, held, 'di'))).toEqual([true, false, false, false]);
  expect(mine(withOwn(told, undefined, 'bo'))).toEqual([true, true, true, true]);
  expect(mine(withOwn(told, undefined, 'di'))).toEqual([false, false, false, false]);
  const answer = reacted(2, reaction('👍', 8, false));
  expect(withOwn(answer, held, 'di')).toBe(answer);
});

test('an answer says whose they are whatever its version, and how many unless a newer version is held', () => {
  const newer = reacted(5, reaction('👍', 9, false), reaction('🎉', 4, true));
  const older = afterReacting(newer, reacted(4, reaction('👍', 7, true)));
  expect(older.reactions).toEqual([{ ...reaction('👍', 9), mine: true }, { ...reaction('🎉', 4), mine: false }]);
  const same = afterReacting(newer, reacted(5, reaction('👍', 10, true)));
  expect([same.cseq, same.reactions]).toEqual([5, [{ ...reaction('👍', 10), mine: true }]]);
  expect(afterReacting(newer, reacted(5)).reactions).toEqual([]);
});

test('what everybody is told is nobody’s own', () => {
  expect(mine(toldToEverybody(reacted(1, reaction('👍', 9, true))))).toEqual([undefined]);
});

const thumb = (over: Partial<Reaction> = {}): Reaction => ({ emoji: '👍', count: 1, sample: ['bo'], mine: false, ...over });
const held = (...reactions: Reaction[]): Message => message(3, { reactions });
const task = (kind: Task['kind'], text: string): Task => ({ kind, text, author: 'ada', chat: 'c', seq: 3 }) as Task;

test('a reaction is counted once, in whatever tone', () => {
  const once = withReaction(held(thumb()), task('react', '👍🏽'));
  expect(once.reactions).toEqual([{ emoji: '👍', count: 2, sample: ['bo', 'ada'], mine: true }]);
  expect(withReaction(once, task('react', '👍'))).toBe(once);
});

test('one of a new kind comes last, without the tone it was chosen in', () => {
  expect(withReaction(held(thumb()), task('react', '👋🏿')).reactions).toEqual([thumb(), { emoji: '👋', count: 1, sample: ['ada'], mine: true }]);
});

test('a heart is a heart, however it is drawn', () => {
  const heart = held(thumb({ emoji: '❤️', count: 2, sample: ['bo', 'ada'], mine: true }));
  expect(reactionIn(heart, '❤')?.count).toBe(2);
  expect(withReaction(heart, task('unreact', '❤')).reactions).toEqual([thumb({ emoji: '❤️' })]);
});

test('the last one takes its kind along, and whoever did not react takes nothing back', () => {
  const mine = held(thumb({ sample: ['ada'], mine: true }), thumb({ emoji: '🎉' }));
  const gone = withReaction(mine, task('unreact', '👍'));
  expect(gone.reactions).toEqual([thumb({ emoji: '🎉' })]);
  expect(withReaction(gone, task('unreact', '🎉'))).toBe(gone);
});

test('nobody is named more often than the server names people', () => {
  const many = held(thumb({ count: 9, sample: ['bo', 'cy', 'di'] }));
  expect(withReaction(many, task('react', '👍')).reactions).toEqual([{ emoji: '👍', count: 10, sample: ['bo', 'cy', 'di'], mine: true }]);
});

test('a deleted message and an old copy have none', () => {
  expect(reactionsOf(message(3, { deleted: true, reactions: [thumb()] }))).toEqual([]);
  expect(reactionsOf(message(3))).toEqual([]);
});
