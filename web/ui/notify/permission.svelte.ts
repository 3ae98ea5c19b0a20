import { prefs } from '../state/prefs.svelte';

/** `none` where this browser or this address offers no notices. */
type Permission = NotificationPermission | 'none';

const asked = (): Permission => ('Notification' in globalThis && isSecureContext ? Notification.permission : 'none');
let permission = $state<Permission>(asked());

/** Whether the browser lets us show notices. */
export const mayNotify = (): Permission => permission;

/** Asks the browser; it answers for itself when somebody has said no before. */
export async function askToNotify(): Promise<void> {
  permission = await Notification.requestPermission();
  prefs.set({ notices: permission === 'granted' });
}
