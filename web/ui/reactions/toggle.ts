import { isMine, mostKinds, reactionIn, reactionsOf, type Client, type Message } from '../../core';
import { toasts } from '../state/notices.svelte';
import { sentenceOf } from '../lang/refusals';
import { t } from '../lang/words.svelte';

/** Reacts to a message, or takes that back where it was done before. */
export async function toggleReaction(client: Client, { chat, seq }: Message, emoji: string, me: string): Promise<void> {
  // As it is now: others may have reacted since it was looked at.
  const message = await client.message(chat, seq);
  if (!message || message.deleted) return toasts.say(t().chat.gone);
  const held = reactionIn(message, emoji);
  if (!held && reactionsOf(message).length >= mostKinds) return toasts.say(sentenceOf({ status: 422, code: 'too_many_reactions', message: '' }));
  client.react(chat, seq, emoji, !held || !isMine(held, me));
}
