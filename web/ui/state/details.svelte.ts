import { wide } from './media.svelte';
import { prefs } from './prefs.svelte';
import { shell } from './shell.svelte';

/** Whether the details panel is on the screen: beside the chat where there is room, else over it. */
export const detailsShown = (): boolean => (wide.current ? prefs.now.details : shell.detailsOver);

/** Shows or hides the details. Beside the chat the choice is remembered. */
export function toggleDetails(shown = !detailsShown()): void {
  if (wide.current) prefs.set({ details: shown });
  else shell.showDetails(shown);
}
