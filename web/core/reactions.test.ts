import { expect, test } from 'vitest';
import { afterReacting, toldToEverybody, withOwn } from './reactions';
import { message } from './testing/made_up';
import type { Message, Reaction } from './types';

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
