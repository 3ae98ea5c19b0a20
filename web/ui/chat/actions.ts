import { closedFor, type Chat, type Client, type Message, type Person } from '../../core';
import { wordsOf } from '../lib/chat';
import { mayRemove, type MessageActions } from '../lib/message';
import { copyText } from '../lib/platform';
import { chatPath } from '../lib/route';
import { edges } from '../state/edges';
import { toasts } from '../state/notices.svelte';
import { isSaved } from '../state/saved.svelte';
import { shell } from '../state/shell.svelte';
import { t } from '../lang/words.svelte';

interface Around {
  client: Client;
  chat: () => Chat;
  me: () => Person;
  reply: (message: Message) => void;
  edit: (message: Message) => void;
  jump: (seq: number) => void;
  quoted: MessageActions['quoted'];
  unread: MessageActions['unread'];
}

const rowOf = ({ seq }: Message): Element | null => document.querySelector(`.log article[data-seq="${seq}"]`);

/** What can be done with the messages of one chat. */
export function actionsIn({ client, chat, me, reply, edit, jump, quoted, unread }: Around): MessageActions {
  const copy = async (text: string, done: string): Promise<void> => toasts.say((await copyText(text)) ? done : t().common.copyRefused);
  return {
    closed: () => closedFor(chat()),
    reply,
    edit,
    jump,
    quoted,
    unread,
    react: (message, anchor) => shell.open({ name: 'react', message, anchor: anchor ?? rowOf(message)?.querySelector('.body') ?? { x: 0, y: 0 } }),
    toggle: (message, emoji) => void edges().then(({ toggleReaction }) => toggleReaction(client, message, emoji, me().id)),
    reactors: (message, emoji) => shell.open({ name: 'reactors', message, emoji }),
    pin: ({ chat, seq, pinned = false }) => client.pin(chat, seq, !pinned),
    forward: (message) => shell.open({ name: 'forward', message }),
    save: (message) => client.save(message.chat, message.seq, !isSaved(message)),
    copy: (message) => void copy(wordsOf(message), t().common.copied),
    link: (message) => void copy(location.origin + chatPath(message.chat, message.seq), t().common.linkCopied),
    person: (message) => {
      const row = rowOf(message);
      if (row) shell.open({ name: 'person', person: message.author, anchor: row.querySelector('.who, .gutter-time') ?? row });
    },
    details: (message) => shell.open({ name: 'message-details', message }),
    canRemove: (message) => mayRemove(chat(), message, me()),
    remove: (message) => {
      const { deleteTitle: title, deleteText: text, deleteVerb: verb } = t().message;
      shell.open({ name: 'confirm', title, text, verb, action: () => client.delete(message.chat, message.seq) });
    },
  };
}
