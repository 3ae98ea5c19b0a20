import type { Chat, Message, Person } from '../../core';
import type { IconName } from '../primitives/icons';
import { firstName } from './person';
import { fill, type Part } from '../lang/forms';
import { t } from '../lang/words.svelte';

/** How a chat is called on the screen. */
export function chatTitle(chat: Chat, me: Person): string {
  if (chat.kind !== 'direct') return chat.name ?? t().chat.unnamed;
  if (!chat.peer || chat.peer.id === me.id) return t().chat.self(me.name);
  return chat.peer.name;
}

/** The tile of a chat that has no face. */
export const chatIcon = (chat: Chat): IconName => (chat.kind === 'open' ? 'hash' : 'lock');

/** How many unread messages of all these chats are about me by name. */
export const mentionsIn = (chats: readonly Chat[]): number => chats.reduce((sum, chat) => sum + (chat.mentions ?? 0), 0);

/** Nobody sees more of a preview. */
const mostPlain = 600;

/** Markdown on one line, without its marks, for previews and quotes. */
export function plain(whole: string): string {
  const text = whole.length > mostPlain ? whole.slice(0, mostPlain) : whole;
  return text
    .replaceAll(/```[^\n]*\n?/gu, ' ')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/gu, '$1')
    .replaceAll(/^\s{0,3}(?:#{1,6}|>|[-*+]|\d+\.)\s+/gmu, '')
    .replaceAll(/(\*\*|__|~~|`)(?=\S)(.+?)\1/gu, '$2')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}

/** What a message says: its own words, or those that it forwards. */
export const wordsOf = ({ text, forwarded }: Message): string => text || (forwarded?.text ?? '');

/** What an entry about the chat itself says. To `reader`, if one is named, it says "you". */
export function systemParts(message: Message, name: (id: string) => string, reader?: string): Part[] {
  const { entry } = t();
  const { author, subject } = message;
  const mine = author === reader;
  const values = { who: name(author), whom: name(subject ?? author), name: message.text };
  return fill(sentence(), values);

  function sentence(): string {
    const self = !subject || subject === author;
    switch (message.kind) {
      case 'chat_renamed':
        return mine ? entry.youRenamed : entry.renamed;
      case 'member_joined':
        if (self) return mine ? entry.youJoined : entry.joined;
        return mine ? entry.youAdded : subject === reader ? entry.addedYou : entry.added;
      case 'member_left':
        if (self) return mine ? entry.youLeft : entry.left;
        return mine ? entry.youRemoved : subject === reader ? entry.removedYou : entry.removed;
      default:
        // A server that is newer than this page.
        return entry.newer;
    }
  }
}

/** Whether this page knows what an entry about the chat says. */
export const isKnown = ({ kind }: Message): boolean => ['text', 'chat_renamed', 'member_joined', 'member_left'].includes(kind);

/** The second line of a row in the chat list. */
export interface Preview {
  who: string;
  text: string;
}

export function preview(chat: Chat, me: Person, name: (id: string) => string): Preview {
  const last = chat.last_message;
  if (!last) return { who: '', text: t().sidebar.noMessages };
  const calls = (id: string): string => (id === me.id ? t().common.you : firstName(name(id)));
  if (last.kind !== 'text') return { who: '', text: systemParts(last, (id) => firstName(name(id)), me.id).map((part) => part.text).join('') };
  const who = last.author === me.id || chat.kind !== 'direct' ? t().entry.by(calls(last.author)) : '';
  return { who, text: last.deleted ? t().message.deleted : `${plain(wordsOf(last))}${last.is_cut ? '…' : ''}` };
}
