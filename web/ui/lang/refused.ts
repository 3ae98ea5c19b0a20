import type { Task } from '../../core';
import { more } from './more';
import { sentenceOf } from './refusals';
import { t } from './words.svelte';

/** Why something in the outbox was refused. To an outsider every chat is one that is not there. */
export function refusalOf({ code, reason }: Pick<Task, 'code' | 'reason'>): string {
  if (code === 'not_found') return t().refusals.not_in_chat;
  return code || reason ? sentenceOf({ status: 422, code: code ?? '', message: reason ?? '' }) : more().waiting.notTaken;
}

/** What waits in a word. */
export const stateOf = (task: Task): string =>
  task.state === 'failed' ? `${more().waiting.notSent} ${refusalOf(task)}` : task.state === 'sending' ? more().waiting.sending : more().waiting.noConnection;
