import type { Chat, ChatSettings } from './types';

/** What a chat is set to, all of it: what is as in a new chat is undefined. */
export const settingsOf = ({ topic, description, archived, posting, slow_s }: ChatSettings): ChatSettings => ({ topic, description, archived, posting, slow_s }) as ChatSettings;

/** The row set to this, all of it. */
export const withSettings = (chat: Chat, settings: ChatSettings): Chat => ({ ...chat, ...settingsOf(settings) });

/** Whether I may set it, and am not held up by what it is set to. */
export const isAdmin = ({ role }: Chat): boolean => role === 'owner' || role === 'admin';

/** Why I may not write in a chat; null if I may. What only a newer server knows is not for everybody. */
export const closedFor = (chat: Chat): 'archived' | 'admins_only' | null =>
  chat.archived ? 'archived' : (chat.posting ?? 'all') === 'all' || isAdmin(chat) ? null : 'admins_only';
