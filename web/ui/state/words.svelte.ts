import type { Client } from '../../core';
import { read } from './client';

/** Asks before a tab is closed that alone knows what was written. */
export function guardWords(get: () => Client): void {
  $effect(() => {
    const client = get();
    const onlyHere = read(client.keeping) !== 'kept' && read(client.unsaved).size > 0;
    if (!onlyHere) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  });
}

/** Whether what is written in a place can be seen nowhere else: its chat is gone, or one is not in it any more. */
export function isStranded(client: Client, place: string): boolean {
  const chat = read(client.chat(place.split('/')[0] ?? ''));
  return chat === null || chat?.role === null;
}

/** Whether something was written here that is nowhere else. */
export function hasWords(client: Client): boolean {
  const isWritten = (place: string): boolean => client.draft(place).record !== null;
  return client.waiting.get().length > 0 || client.drafts.get().size > 0 || [...client.unsaved.get()].some(isWritten);
}
