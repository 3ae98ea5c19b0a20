import type { Client, Task } from '../../core';
import { read } from './client';
import { toasts } from './notices.svelte';
import { refusalOf, sentenceOf } from '../lang/refusals';
import { t } from '../lang/words.svelte';

/** Says why a change was refused: the message it was about shows its old text again. Messages say it themselves. */
export function tellRefusals(get: () => Client): void {
  const told = new Set<string>();
  $effect(() => {
    const error = read(get().refused);
    if (error) toasts.say(sentenceOf(error));
  });
  $effect(() => {
    for (const task of read(get().waiting)) {
      if (task.state !== 'failed' || task.kind === 'message' || told.has(task.clientId)) continue;
      told.add(task.clientId);
      toasts.say(`${task.kind === 'delete' ? t().waiting.notDeleted : t().waiting.notSaved} ${refusalOf(task)}`);
    }
  });
}

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

/** What waits in a word. */
export const stateOf = (task: Task): string =>
  task.state === 'failed' ? `${t().message.notSent} ${refusalOf(task)}` : task.state === 'sending' ? t().message.sending : t().message.waiting;

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
