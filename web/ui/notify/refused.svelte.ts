import type { Client } from '../../core';
import { more } from '../lang/more';
import { sentenceOf } from '../lang/refusals';
import { refusalOf } from '../lang/refused';
import { read } from '../state/client';
import { toasts } from '../state/notices.svelte';

let isTelling = false;

/** Says why a change was refused: the message it was about shows its old text again. Messages say it themselves. */
export function tellRefusals(client: Client): void {
  if (isTelling) return;
  isTelling = true;
  const told = new Set<string>();
  $effect.root(() => {
    $effect(() => {
      const error = read(client.refused);
      if (error) toasts.say(sentenceOf(error));
    });
    $effect(() => {
      for (const task of read(client.waiting)) {
        if (task.state !== 'failed' || task.kind === 'message' || task.kind === 'held' || told.has(task.clientId)) continue;
        told.add(task.clientId);
        toasts.say(`${task.kind === 'delete' ? more().waiting.notDeleted : more().waiting.notSaved} ${refusalOf(task)}`);
      }
    });
  });
}
