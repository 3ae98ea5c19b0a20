import type { Chat, ChatSettings } from './types';

/** What a new chat is set to. */
export const asNew: ChatSettings = { topic: null, description: null, archived: false, posting: 'all', slow_s: 0 };

/** What a chat is set to, all of it. Older servers and copies leave out what is as in a new chat. */
export const settingsOf = ({ topic = null, description = null, archived = false, posting = 'all', slow_s = 0 }: Partial<ChatSettings>): ChatSettings => ({ topic, description, archived, posting, slow_s });

/** The row set to this, all of it. */
export const withSettings = (chat: Chat, settings: Partial<ChatSettings>): Chat => ({ ...chat, ...settingsOf(settings) });

/** Whether I may set it, and am not held up by what it is set to. */
export const isAdmin = ({ role }: Chat): boolean => role === 'owner' || role === 'admin';

/** Why I may not write in a chat; null if I may. What only a newer server knows is not for everybody. */
export const closedFor = (chat: Chat): 'archived' | 'admins_only' | null =>
  chat.archived ? 'archived' : (chat.posting ?? 'all') === 'all' || isAdmin(chat) ? null : 'admins_only';
