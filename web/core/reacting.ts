import type { Message, Reaction, Task } from './types';

/** How many kinds of reactions a message may have. */
export const mostKinds = 20;
const sampled = 3;

/** The form in which emoji count as the same: in no tone of skin, and without signs of how they are drawn. */
export const kindOf = (emoji: string): string => emoji.replaceAll(/[\u{1F3FB}-\u{1F3FF}]/gu, '').replaceAll('\uFE0F', '');

/** What people reacted with. A copy that an older page kept has none. */
export const reactionsOf = ({ reactions = [], deleted }: Message): readonly Reaction[] => (deleted ? [] : reactions);

/** The reaction of one kind. */
export const reactionIn = (message: Message, emoji: string): Reaction | undefined => reactionsOf(message).find((one) => kindOf(one.emoji) === kindOf(emoji));

/** Whether somebody is one of those who reacted so. Where nobody said so, the sample may. */
export const isMine = ({ mine, sample }: Reaction, me: string): boolean => mine ?? sample?.includes(me) ?? false;

/** A message as it is once somebody has reacted to it here, or has taken that back. */
export function withReaction(message: Message, { text: emoji, kind, author }: Task): Message {
  const held = reactionIn(message, emoji);
  const isOn = kind === 'react';
  if (isOn === (held !== undefined && isMine(held, author))) return message;
  const all = reactionsOf(message);
  if (!held) return { ...message, reactions: [...all, { emoji: kindOf(emoji), count: 1, sample: [author], mine: true }] };
  const others = held.sample.filter((one) => one !== author);
  const sample = isOn ? [...others, author].slice(0, sampled) : others;
  const changed = { ...held, count: held.count + (isOn ? 1 : -1), sample, mine: isOn };
  return { ...message, reactions: all.map((one) => (one === held ? changed : one)).filter(({ count }) => count > 0) };
}
