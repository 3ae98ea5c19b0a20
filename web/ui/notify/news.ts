import { choicesOf, isMuted, type Chat } from '../../core';

/** What was known of the chats when they were looked at last. */
export interface Seen {
  /** When the newest message of all was written. */
  newest: string;
  chats: ReadonlyMap<string, { head: number; mentions: number }>;
}

export const seenIn = (chats: readonly Chat[]): Seen => ({
  newest: chats.reduce((newest, { last_message_at: at }) => (at > newest ? at : newest), ''),
  chats: new Map(chats.map(({ id, head_seq: head, mentions }) => [id, { head, mentions: mentions ?? 0 }])),
});

/** The chats in which somebody wrote to me since: to me alone, or by my name. */
export const newsSince = (before: Seen, chats: readonly Chat[], me: string): Chat[] => chats.filter((chat) => isNews(before, chat, me));

function isNews(before: Seen, chat: Chat, me: string): boolean {
  const last = chat.last_message;
  if (!last || last.kind !== 'text' || last.deleted || last.author === me || chat.unread === 0) return false;
  const was = before.chats.get(chat.id);
  // One that was not known may be new, or an old one of which the list did not come as far.
  if (was ? chat.head_seq <= was.head : chat.last_message_at <= before.newest) return false;
  if (isMuted(chat)) return false;
  return (chat.kind === 'direct' && choicesOf(chat).level !== 'mentions') || (chat.mentions ?? 0) > (was?.mentions ?? 0);
}
