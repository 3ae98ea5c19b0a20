import type { Chat, ChatSettings } from './types';

/** The row set to this, all of it: what is left out is as in a new chat. */
export function withSettings({ topic: _t, description: _d, archived: _a, posting: _p, slow_s: _s, ...chat }: Chat, settings: ChatSettings): Chat {
  return { ...chat, ...settings };
}

/** What a chat is set to. */
export function settingsOf({ topic, description, archived, posting, slow_s }: Chat): ChatSettings {
  const all = Object.entries({ topic, description, archived, posting, slow_s });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined)) as ChatSettings;
}

/** Whether I may set it, and am not held up by what it is set to. */
export const isAdmin = ({ role }: Chat): boolean => role === 'owner' || role === 'admin';

/** Why I may not write in a chat; null if I may. */
export function closedFor(chat: Chat): 'archived' | 'admins_only' | null {
  if (chat.archived) return 'archived';
  return (chat.posting ?? 'all') === 'all' || isAdmin(chat) ? null : 'admins_only';
}

/** Whether it is in the list of my chats. */
export const isListed = ({ role, archived }: Chat): boolean => role !== null && !archived;
