import type { Client } from '../../core';
import { reason } from '../lib/errors';
import { toasts } from './notices.svelte';

/** Leaves this page for the sign-in pages, and comes back to the same address. */
export function goToSignIn(): void {
  location.assign(`/auth/sign-in?return_to=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Ends the session, forgets everything on this device and shows the sign-in page. */
export async function signOut(client: Client): Promise<void> {
  try {
    location.assign(await client.signOut());
  } catch (error) {
    toasts.say(reason(error));
  }
}
