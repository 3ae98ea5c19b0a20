import type { Message, Reaction } from './types';

/** Whether a person is among those who reacted, or null where the sample does not tell. */
const isBy = ({ sample, count }: Reaction, me: string): boolean | null =>
  sample.includes(me) ? true : count <= sample.length ? false : null;

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
