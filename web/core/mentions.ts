import { unreadAbove } from './choices';
import type { Chat, Message } from './types';

/** Whether a message is about me by name, or as one of all. */
export function mentionsMe(message: Message, me: string | null): boolean {
  if (me === null || message.deleted || message.author === me) return false;
  return (message.mentions ?? []).some((one) => one === me || one === 'all');
}

/** How many unread messages of a chat mention me. A row that an older version kept does not say. */
export function mentionsOf(chat: Pick<Chat, 'unread'> & { mentions?: number }): number {
  return Math.min(chat.unread, chat.mentions ?? 0);
}

export function isUnreadMention(chat: Chat, message: Message, me: string | null): boolean {
  return message.seq > unreadAbove(chat) && mentionsMe(message, me);
}

/** The same after a new message. Who writes has read everything. */
export function mentionsAfter(chat: Chat, message: Message, me: string | null): number {
  if (message.author === me && message.kind === 'text') return 0;
  return mentionsOf(chat) + (mentionsMe(message, me) ? 1 : 0);
}
