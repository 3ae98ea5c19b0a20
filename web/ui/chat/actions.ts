import { closedFor, type Chat, type Client, type Message, type Person } from '../../core';
import type { Anchor } from '../lib/popover';
import { sentenceOf } from '../lang/refusals';
import { mayRemove, type MessageActions } from '../lib/message';
import { copyText } from '../lib/platform';
import { toggleReaction } from '../reactions/toggle';
import { chatPath } from '../lib/route';
import { toasts } from '../state/notices.svelte';
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
  const closed = (): ReturnType<typeof closedFor> => closedFor(chat());
  /** Says why, instead, where an archived chat may only be read. */
  const unless = <T extends unknown[]>(isShut: () => boolean, act: (...given: T) => void) => (...given: T): void => {
    if (isShut()) toasts.say(sentenceOf({ status: 403, code: closed() ?? '', message: '' }));
    else act(...given);
  };
  const isClosed = (): boolean => closed() !== null;
  const isArchived = (): boolean => closed() === 'archived';
  return {
    closed,
    reply: unless(isClosed, reply),
    edit: unless(isArchived, edit),
    jump,
    quoted,
    unread,
    react: unless(isArchived, (message: Message, anchor?: Anchor) => shell.open({ name: 'react', message, anchor: anchor ?? rowOf(message)?.querySelector('.body') ?? { x: 0, y: 0 } })),
    toggle: unless(isArchived, (message: Message, emoji: string) => void toggleReaction(client, message, emoji, me().id)),
    reactors: (message, emoji) => shell.open({ name: 'reactors', message, emoji }),
    pin: unless(isClosed, ({ chat, seq, pinned = false }: Message) => client.pin(chat, seq, !pinned)),
    copy: (message) => void copy(message.text, t().common.copied),
    link: (message) => void copy(location.origin + chatPath(message.chat, message.seq), t().common.linkCopied),
    person: (message) => {
      const row = rowOf(message);
      if (row) shell.open({ name: 'person', person: message.author, anchor: row.querySelector('.who, .gutter-time') ?? row });
    },
    canRemove: (message) => mayRemove(chat(), message, me()),
    remove: (message) => {
      const { deleteTitle: title, deleteText: text, deleteVerb: verb } = t().message;
      shell.open({ name: 'confirm', title, text, verb, action: () => client.delete(message.chat, message.seq) });
    },
  };
}
