import type { Api } from './api';
import type { Outgoing } from './db';
import type { Message, Task } from './types';

/** Something to do for a chat. Everything but a message says how things shall be: doing it twice is doing it once. */
export type Doing =
  | { kind: 'message'; text: string; replyTo: number | null }
  | { kind: 'edit'; seq: number; text: string }
  | { kind: 'delete'; seq: number }
  | { kind: 'read'; seq: number };

/** Tasks of one lane are done in order. Markers wait for no message, and hold none up. */
export const lane = ({ chat, kind }: Task): string => (kind === 'read' ? `read ${chat}` : chat);

/** Whether it holds something that a person would miss. */
export const isWord = ({ kind }: Task): boolean => kind !== 'read';

/** Whether a task makes an earlier one needless. */
export function overtakes(task: Task, earlier: Task): boolean {
  if (task.chat !== earlier.chat || task.seq === null || earlier.seq === null) return false;
  if (task.kind === 'read') return earlier.kind === 'read' && earlier.seq <= task.seq;
  if (task.seq !== earlier.seq) return false;
  return earlier.kind === 'edit' || (task.kind === 'delete' && earlier.kind === 'delete');
}

/** Whether this client knows what to do. Something a newer one left waits for it. */
export const isKnown = ({ kind }: Task): boolean => ['message', 'edit', 'delete', 'read'].includes(kind);

/** Whether a refused task may do again what it was meant to. */
export const mayRetry = ({ code }: Task): boolean => code !== 'other_history';

/** Takes a task to the server. */
export async function carryOut(api: Api, { kind, chat, seq, text, clientId, replyTo }: Outgoing): Promise<Message | null> {
  const path = `/v1/chats/${chat}/messages`;
  if (kind === 'message') return api.call('POST', path, { body: { text, client_id: clientId, reply_to: replyTo } });
  if (kind === 'edit') return api.call('PATCH', `${path}/${seq}`, { body: { text } });
  if (kind === 'delete') return api.call('DELETE', `${path}/${seq}`);
  if (kind === 'read') await api.call('PUT', `/v1/chats/${chat}/read-marker`, { body: { seq } });
  return null;
}

/** The same message with the same change is the same object, so that nothing is drawn twice. */
const drawn = new WeakMap<Message, { task: Task; changed: Message }>();

/** A message as it is once what waits is done. */
export function pending(message: Message, waiting: readonly Task[]): Message {
  const task = waiting.findLast(({ kind, chat, seq, state }) => (kind === 'edit' || kind === 'delete') && state !== 'failed' && chat === message.chat && seq === message.seq);
  if (!task || message.deleted) return message;
  const before = drawn.get(message);
  if (before?.task.clientId === task.clientId) return before.changed;
  const changed = task.kind === 'delete' ? { ...message, text: '', deleted: true } : { ...message, text: task.text, edited_at: task.at };
  drawn.set(message, { task, changed });
  return changed;
}
