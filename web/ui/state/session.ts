import type { Client } from '../../core';
import { forgetEmoji } from '../emoji/recent';
import { reason } from '../lib/errors';
import { toasts } from './notices.svelte';
import { router } from './router.svelte';
import { shell } from './shell.svelte';
import { hasWords } from './words.svelte';

/** Whether the session is being ended here: then it is known where the page goes. */
let isLeaving = false;

/** Leaves this page for the sign-in pages, and comes back to the same address. */
export function goToSignIn(): void {
  if (!isLeaving) router.depart(`/auth/sign-in?return_to=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Ends the session and shows the sign-in page. Asks first what becomes of words that are nowhere else. */
export async function signOut(client: Client): Promise<void> {
  if (hasWords(client)) return shell.open({ name: 'sign-out' });
  try {
    await leave(client, false);
  } catch (error) {
    toasts.say(reason(error));
  }
}

/** Ends the session. Words stay on this device for the same person, if `keepsWords`. */
export async function leave(client: Client, keepsWords: boolean): Promise<void> {
  isLeaving = true;
  try {
    const next = await client.signOut(keepsWords);
    forgetEmoji();
    router.depart(next);
  } catch (error) {
    isLeaving = false;
    throw error;
  }
}
