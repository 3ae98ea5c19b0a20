import type { Chat, Message, Person } from '../../core';
import type { IconName } from '../primitives/icons';
import { firstName } from './person';

/** How a chat is called on the screen. */
export function chatTitle(chat: Chat, me: Person): string {
  if (chat.kind !== 'direct') return chat.name ?? 'Unnamed group';
  if (!chat.peer || chat.peer.id === me.id) return `${me.name} (you)`;
  return chat.peer.name;
}

/** The tile of a chat that has no face. */
export const chatIcon = (chat: Chat): IconName => (chat.kind === 'open' ? 'hash' : 'lock');

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** Names as `Ada`, `Ada and Bo`, `Ada, Bo and Cy`. */
export const listNames = (names: string[]): string => new Intl.ListFormat('en', { type: 'conjunction' }).format(names);

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

/** What an entry about the chat itself says, in parts so that names can be set in bold. */
export function systemParts(message: Message, name: (id: string) => string): { text: string; strong: boolean }[] {
  const strong = (text: string) => ({ text, strong: true });
  const weak = (text: string) => ({ text, strong: false });
  const { author, subject } = message;
  const self = !subject || subject === author;
  switch (message.kind) {
    case 'chat_renamed':
      return [strong(name(author)), weak(' renamed the chat to '), strong(message.text)];
    case 'member_joined':
      return self ? [strong(name(author)), weak(' joined')] : [strong(name(author)), weak(' added '), strong(name(subject))];
    case 'member_left':
      return self ? [strong(name(author)), weak(' left')] : [strong(name(author)), weak(' removed '), strong(name(subject))];
    default:
      // A server that is newer than this page.
      return [weak('Something newer happened here')];
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
  if (!last) return { who: '', text: 'No messages yet' };
  const calls = (id: string): string => (id === me.id ? 'You' : firstName(name(id)));
  if (last.kind !== 'text') return { who: '', text: systemParts(last, calls).map((part) => part.text).join('') };
  const who = last.author === me.id || chat.kind !== 'direct' ? `${calls(last.author)}:` : '';
  return { who, text: last.deleted ? 'Message deleted' : `${plain(last.text)}${last.is_cut ? '…' : ''}` };
}
