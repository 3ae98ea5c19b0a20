import { reactionsOf, type Chat, type Message, type Person, type Signal } from '../../core';
import type { Anchor } from './popover';
import type { MenuAction } from '../primitives/Menu.svelte';
import { t } from '../lang/words.svelte';

/** What can be done with a message. */
export interface MessageActions {
  reply: (message: Message) => void;
  edit: (message: Message) => void;
  /** Lets choose an emoji for it. */
  react: (message: Message, anchor?: Anchor) => void;
  /** Reacts to it, or takes that back. */
  toggle: (message: Message, emoji: string) => void;
  /** Shows who reacted, with one emoji or with any. */
  reactors: (message: Message, emoji: string | null) => void;
  /** Calls the chat unread from it on. */
  unread: (message: Message) => void;
  copy: (message: Message) => void;
  link: (message: Message) => void;
  /** Shows who wrote it. */
  person: (message: Message) => void;
  remove: (message: Message) => void;
  jump: (seq: number) => void;
  /** The message that another one answers. */
  quoted: (seq: number) => Signal<Message | null | undefined>;
  canRemove: (message: Message) => boolean;
}

/** Whether somebody may delete a message of this chat. */
export function mayRemove(chat: Chat, message: Message, me: Person): boolean {
  if (message.deleted || message.kind !== 'text') return false;
  return message.author === me.id || (chat.kind !== 'direct' && (chat.role === 'admin' || chat.role === 'owner'));
}

/** Everything that can be done with a message, for its menu. */
export function messageMenu(message: Message, me: Person, actions: MessageActions): MenuAction[] {
  const list: MenuAction[] = [
    { icon: 'smile', label: t().message.react, run: () => actions.react(message) },
    { icon: 'reply', label: t().common.reply, run: () => actions.reply(message) },
  ];
  if (reactionsOf(message).length > 0) list.push({ icon: 'users', label: t().message.reactors, run: () => actions.reactors(message, null) });
  if (message.author === me.id) list.push({ icon: 'draft', label: t().common.edit, run: () => actions.edit(message) });
  list.push({ icon: 'bell', label: t().message.unreadFrom, run: () => actions.unread(message) });
  list.push({ icon: 'copy', label: t().message.copyText, run: () => actions.copy(message) });
  list.push({ icon: 'link', label: t().message.copyLink, run: () => actions.link(message) });
  list.push({ icon: 'user', label: t().message.author, run: () => actions.person(message) });
  if (actions.canRemove(message)) list.push({ icon: 'trash', label: t().common.delete, danger: true, run: () => actions.remove(message) });
  return list;
}
