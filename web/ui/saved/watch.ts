import type { Client } from '../../core';
import { setSaved } from '../state/saved.svelte';

let isWatching = false;

/** Has messages know whether I saved them. */
export function watchSaved(client: Client): void {
  if (isWatching) return;
  isWatching = true;
  client.saved().then(
    ({ keys }) => {
      setSaved(keys.get());
      keys.subscribe(() => setSaved(keys.get()));
    },
    () => (isWatching = false),
  );
}
