import { isAdmin, type Chat, type closedFor, type Message, type Person, type Signal } from '../../core';
import type { Anchor } from './popover';

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
  /** Pins it, or takes its pin away. */
  pin: (message: Message) => void;
  /** Lets choose where a copy of it shall go. */
  forward: (message: Message) => void;
  /** Saves it for myself, or takes it out. */
  save: (message: Message) => void;
  copy: (message: Message) => void;
  link: (message: Message) => void;
  /** Shows who wrote it. */
  person: (message: Message) => void;
  /** Shows what became of it: who has it and who saw it. */
  details: (message: Message) => void;
  remove: (message: Message) => void;
  jump: (seq: number) => void;
  /** The message that another one answers. */
  quoted: (seq: number) => Signal<Message | null | undefined>;
  canRemove: (message: Message) => boolean;
  /** Why nothing may be written in its chat; null if something may. */
  closed: () => ReturnType<typeof closedFor>;
}

/** Whether somebody may delete a message of this chat. */
export function mayRemove(chat: Chat, message: Message, me: Person): boolean {
  if (message.deleted || message.kind !== 'text') return false;
  return message.author === me.id || (chat.kind !== 'direct' && isAdmin(chat));
}
