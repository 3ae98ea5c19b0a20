import { reactionsOf, type Message, type Person } from '../../core';
import { more } from '../lang/more';
import { t } from '../lang/words.svelte';
import { isSaved } from '../state/saved.svelte';
import type { MessageActions } from '../lib/message';
import type { MenuAction } from '../primitives/Menu.svelte';

/** Everything that can be done with a message, for its menu. */
export function messageMenu(message: Message, me: Person, actions: MessageActions): MenuAction[] {
  const closed = actions.closed();
  const list: MenuAction[] = [];
  if (closed !== 'archived') list.push({ icon: 'smile', label: t().message.react, run: () => actions.react(message) });
  if (!closed) list.push({ icon: 'reply', label: t().common.reply, run: () => actions.reply(message) });
  if (reactionsOf(message).length > 0) list.push({ icon: 'users', label: more().messageMenu.reactors, run: () => actions.reactors(message, null) });
  if (message.author === me.id && closed !== 'archived') list.push({ icon: 'draft', label: t().common.edit, run: () => actions.edit(message) });
  list.push({ icon: 'bell', label: more().messageMenu.unreadFrom, run: () => actions.unread(message) });
  if (!closed) list.push({ icon: 'pin', label: message.pinned ? more().pins.unpin : more().pins.pin, run: () => actions.pin(message) });
  list.push({ icon: 'forward', label: more().forward.menu, run: () => actions.forward(message) });
  list.push({ icon: 'bookmark', label: isSaved(message) ? more().saved.takeOut : more().saved.save, run: () => actions.save(message) });
  list.push({ icon: 'copy', label: t().message.copyText, run: () => actions.copy(message) });
  list.push({ icon: 'link', label: more().messageMenu.copyLink, run: () => actions.link(message) });
  list.push({ icon: 'info', label: more().messageMenu.details, run: () => actions.details(message) });
  list.push({ icon: 'user', label: more().messageMenu.author, run: () => actions.person(message) });
  if (actions.canRemove(message)) list.push({ icon: 'trash', label: t().common.delete, danger: true, run: () => actions.remove(message) });
  return list;
}
