import type { Client } from '../../core';
import { nextRegion } from '../lib/focus';
import { hasModifier } from '../lib/platform';
import { chatPath } from '../lib/route';
import { router } from './router.svelte';
import { shell } from './shell.svelte';

/** Keys that work everywhere, also while writing. Not while a dialog is open. */
export function shortcuts(event: KeyboardEvent, client: Client): void {
  if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
  if (!act(event, client)) return;
  event.preventDefault();
}

function act(event: KeyboardEvent, client: Client): boolean {
  const { key, shiftKey: shift, altKey: alt } = event;
  if (hasModifier(event) && key.toLowerCase() === 'k' && !shift) return shell.open({ name: 'switcher' }), true;
  if (hasModifier(event) && key === '/') return shell.open({ name: 'shortcuts' }), true;
  if (key === 'F6') return nextRegion(shift ? -1 : 1), true;
  if (alt && (key === 'ArrowUp' || key === 'ArrowDown')) return step(client, key === 'ArrowDown' ? 1 : -1, shift);
  return false;
}

/** Opens the chat above or below the current one, in the order of the list. */
function step(client: Client, by: 1 | -1, unreadOnly: boolean): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('.lists [data-chat]')].map((row) => row.dataset['chat'] ?? '');
  const { page } = router;
  const now = page.name === 'chat' ? rows.indexOf(page.chat) : -1;
  const chats = new Map(client.chats.get().map((chat) => [chat.id, chat]));
  for (let n = 1; n <= rows.length; n++) {
    const id = rows[(now + by * n + rows.length * 2) % rows.length] ?? '';
    if (unreadOnly && !chats.get(id)?.unread) continue;
    router.go(chatPath(id));
    return true;
  }
  return false;
}
