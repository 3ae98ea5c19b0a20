import type { Api } from './api';
import { chosenIn } from './choices';
import type { Outgoing } from './db';
import { kindOf, withReaction } from './reactions';
import type { Choices, Forwarding, Hold, Message, Task } from './types';

/** Something to do for a chat. Everything but a message says how things shall be: doing it twice is doing it once. */
export type Doing =
  | { kind: 'message'; text: string; replyTo: number | null; hold?: Hold; forward?: Forwarding }
  | { kind: 'edit'; seq: number; text: string }
  | { kind: 'delete'; seq: number }
  | { kind: 'read'; seq: number }
  | { kind: 'react' | 'unreact'; seq: number; text: string }
  | { kind: 'pin' | 'unpin' | 'save' | 'unsave'; seq: number }
  | { kind: 'choose'; text: string };

/** What waits for no message and holds none up: markers, choices, what is saved and what is taken back. */
const beside = (task: Task): string | null => (isSaving(task) ? 'save' : ['read', 'choose', 'unsend'].includes(task.kind) ? task.kind : null);

/** Tasks of one lane are done in order. */
export const lane = (task: Task): string => (beside(task) ? `${beside(task)} ${task.chat}` : task.chat);

export const isReaction = ({ kind }: Task): boolean => kind === 'react' || kind === 'unreact';

const isPin = ({ kind }: Task): boolean => kind === 'pin' || kind === 'unpin';

export const isSaving = ({ kind }: Task): boolean => kind === 'save' || kind === 'unsave';

/** Whether it holds something that a person would miss. */
export const isWord = (task: Task): boolean => beside(task) === null && !isReaction(task) && !isPin(task);

/** Whether its message is to be seen as one's own that is not in the chat yet. */
export const isUnsent = ({ kind }: Task): boolean => kind === 'message' || kind === 'held';

/** Whether nothing is to be done for it here: the server sends it by itself. */
export const isHeld = ({ kind, state }: Task): boolean => kind === 'held' && state !== 'failed';

/** Whether a task makes an earlier one needless. */
export function overtakes(task: Task, earlier: Task): boolean {
  if (task.chat === earlier.chat && task.kind === 'choose' && earlier.kind === 'choose') {
    const change = chosenIn(task);
    return Object.keys(chosenIn(earlier)).every((name) => name in change);
  }
  if (task.chat !== earlier.chat || task.seq === null || earlier.seq === null) return false;
  if (task.kind === 'read') return earlier.kind === 'read' && earlier.seq <= task.seq;
  if (task.seq !== earlier.seq) return false;
  for (const isSuch of [isReaction, isPin, isSaving]) if (isSuch(task) || isSuch(earlier)) return isSuch(task) && isSuch(earlier) && kindOf(task.text) === kindOf(earlier.text);
  return earlier.kind === 'edit' || (task.kind === 'delete' && earlier.kind === 'delete');
}

/** Whether this client knows what to do. Something a newer one left waits for it. */
export const isKnown = ({ kind }: Task): boolean => ['message', 'unsend', 'edit', 'delete', 'read', 'react', 'unreact', 'pin', 'unpin', 'save', 'unsave', 'choose'].includes(kind);

/** Whether a refused task may do again what it was meant to. */
export const mayRetry = ({ code }: Task): boolean => code !== 'other_history';

/** Takes a task to the server. `chosen` hears what choices are answered. */
export async function carryOut(api: Api, task: Outgoing, chosen: (me: Choices) => void): Promise<Message | null> {
  const { kind, chat, seq, text, clientId, replyTo, forward } = task;
  const path = `/v1/chats/${chat}/messages`;
  const copy = forward && { forward: { chat: forward.chat, seq: forward.seq } };
  if (kind === 'message') return api.call('POST', path, { body: { ...((text || !copy) && { text }), client_id: clientId, reply_to: replyTo, ...copy } });
  if (kind === 'edit') return api.call('PATCH', `${path}/${seq}`, { body: { text } });
  if (kind === 'delete') return api.call('DELETE', `${path}/${seq}`);
  if (kind === 'react' || kind === 'unreact') return api.call(kind === 'react' ? 'PUT' : 'DELETE', `${path}/${seq}/reactions/${encodeURIComponent(text)}`);
  if (kind === 'pin' || kind === 'unpin') return api.call(kind === 'pin' ? 'PUT' : 'DELETE', `${path}/${seq}/pin`);
  if (isSaving(task)) await api.call(kind === 'save' ? 'PUT' : 'DELETE', `${path}/${seq}/saved`);
  if (kind === 'read') await api.call('PUT', `/v1/chats/${chat}/read-marker`, { body: { seq } });
  if (kind === 'choose') chosen(await api.call<Choices>('PATCH', `/v1/chats/${chat}/me`, { body: chosenIn(task) }));
  return null;
}

/** The same message with the same changes is the same object, so that nothing is drawn twice. */
const drawn = new WeakMap<Message, { by: string; changed: Message }>();

/** A message as it is once what waits is done. */
export function pending(message: Message, waiting: readonly Task[]): Message {
  const tasks = waiting.filter((task) => task.seq === message.seq && task.chat === message.chat && task.state !== 'failed');
  const edit = tasks.findLast(({ kind }) => kind === 'edit' || kind === 'delete');
  const changes = [...(edit ? [edit] : []), ...tasks.filter((task) => isReaction(task) || isPin(task))];
  if (changes.length === 0 || message.deleted) return message;
  const by = changes.map(({ clientId }) => clientId).join();
  const before = drawn.get(message);
  if (before?.by === by) return before.changed;
  const changed = changes.reduce(withTask, message);
  drawn.set(message, { by, changed });
  return changed;
}

function withTask(message: Message, task: Task): Message {
  if (task.kind === 'delete') return { ...message, text: '', deleted: true };
  if (task.kind === 'edit') return { ...message, text: task.text, edited_at: task.at };
  if (isPin(task)) return { ...message, pinned: task.kind === 'pin' };
  return withReaction(message, task);
}
