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

/** Whether a person is among those who reacted, or null where the sample does not tell. */
const isBy = ({ sample = [], count = 1 }: Reaction, me: string): boolean | null => (sample.includes(me) ? true : count <= sample.length ? false : null);

/** Whether a reaction is somebody's own, as far as is known. */
export const isMine = (reaction: Reaction, me: string): boolean => reaction.mine ?? isBy(reaction, me) ?? false;

/** Which emoji of a message are mine, as far as is known. */
const mineOf = (message: Message | undefined): Set<string> =>
  new Set((message?.reactions ?? []).filter(({ mine }) => mine).map(({ emoji }) => emoji));

/**
 * A message as it is held. What was told to everybody does not say which reactions are mine: the sample does where it can,
 * else they stay what they were in the copy that was held.
 */
export function withOwn(message: Message, held: Message | undefined, me: string | null): Message {
  if (!message.reactions?.some(({ mine }) => mine === undefined)) return message;
  const before = mineOf(held);
  const reactions = message.reactions.map((one) => ({
    ...one,
    mine: one.mine ?? (me === null ? null : isBy(one, me)) ?? before.has(one.emoji),
  }));
  return { ...message, reactions };
}

/**
 * What is held after an answer to a reaction of mine, here or on another device. It always says which are mine; its counts
 * are taken unless a newer version is held.
 */
export function afterReacting(held: Message, answer: Message): Message {
  const own = mineOf(answer);
  const from = answer.cseq >= held.cseq ? answer : held;
  const reactions = (from.reactions ?? []).map((one) => ({ ...one, mine: own.has(one.emoji) }));
  return { ...held, reactions };
}

/** A message as the list of chats holds it, which is the same for everybody. */
export function toldToEverybody(message: Message): Message {
  if (!message.reactions?.length) return message;
  return { ...message, reactions: message.reactions.map(({ emoji, count, sample }) => ({ emoji, count, sample })) };
}

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
