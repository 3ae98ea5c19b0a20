import type { Client } from '../../core';
import { inField, nextRegion } from '../lib/focus';
import { chatPath } from '../lib/route';
import { sectionsOf } from '../sidebar/sections';
import { actionOf } from './keymap';
import { router } from './router.svelte';
import { shell } from './shell.svelte';
import { isComposing, isHomeless } from './typing';

/** Keys that work everywhere, also while writing. Not while a dialog is open. */
export function shortcuts(event: KeyboardEvent, client: Client): void {
  if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
  if (!isComposing(event) && act(event, client)) event.preventDefault();
  // The field takes the key itself, once it has focus.
  else if (isHomeless(event)) document.querySelector<HTMLElement>('.composer textarea')?.focus();
}

function act(event: KeyboardEvent, client: Client): boolean {
  switch (actionOf(event, 'anywhere')) {
    case 'switcher':
      return shell.open({ name: 'switcher' }), true;
    case 'shortcuts':
      return shell.open({ name: 'shortcuts' }), true;
    case 'nextRegion':
      return nextRegion(1), true;
    case 'previousRegion':
      return nextRegion(-1), true;
    case 'nextChat':
      return step(client, 1, false);
    case 'previousChat':
      return step(client, -1, false);
    case 'nextUnread':
      return step(client, 1, true);
    case 'previousUnread':
      return step(client, -1, true);
    case 'leaveSettings':
      return router.page.name === 'settings' && !inField(event.target) && (router.go(router.outside), true);
    default:
      return false;
  }
}

/** Opens the chat above or below the current one, in the order of the list. */
function step(client: Client, by: 1 | -1, unreadOnly: boolean): boolean {
  const { page } = router;
  const current = page.name === 'chat' ? page.chat : null;
  const rows = sectionsOf(client, current).flatMap(({ ids }) => ids);
  const now = current === null ? -1 : rows.indexOf(current);
  for (let n = 1; n <= rows.length; n++) {
    const id = rows[(now + by * n + rows.length * 2) % rows.length] ?? '';
    if (unreadOnly && !client.chat(id).get()?.unread) continue;
    router.go(chatPath(id));
    return true;
  }
  return false;
}
