import type { Message } from '../../core';
import { inField } from '../lib/focus';
import type { MessageActions } from '../lib/message';
import { actionOf, type ActionName } from '../state/keymap';
import { prefs } from '../state/prefs.svelte';

/** What the keys of the message list work on. */
interface List {
  rows: () => { key: string }[];
  current: () => string | null;
  focus: (key: string) => void;
  message: (key: string) => Message | null;
  newest: () => void;
  /** Takes a letter that means nothing here. */
  type: (text: string) => void;
  actions: MessageActions;
  own: (message: Message) => boolean;
}

/** What keys do with a message. */
const acts = ['reply', 'edit', 'react', 'unread', 'copy', 'pin', 'forward', 'save', 'details', 'person', 'remove'] as const;

const steps: Partial<Record<ActionName, number>> = { previousMessage: -1, nextMessage: 1 };

/** Keys while focus is on a message: move, act, and leave. */
export function listKeys(list: List): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
    // Letters act only on the row that has focus; anywhere else they are words.
    if (event.key.length === 1 && (!prefs.now.letters || !(event.target as Element).closest('article'))) return;
    if (event.target instanceof HTMLButtonElement && (event.key === 'Enter' || event.key === ' ')) return;
    if (event.target instanceof HTMLElement && event.target.matches('[role="button"]') && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      return event.target.click();
    }
    const action = actionOf(event, 'messages');
    if (action && (move(list, action) || act(list, action) || (action === 'compose' && leave(list, event)))) event.preventDefault();
  };
}

function move(list: List, action: ActionName): boolean {
  const rows = list.rows();
  const now = rows.findIndex((row) => row.key === list.current());
  const step = steps[action];
  if (action === 'newestMessage') return list.newest(), true;
  const next = step !== undefined ? rows[now + step] : action === 'firstMessage' ? rows[0] : undefined;
  if (next) list.focus(next.key);
  return step !== undefined || next !== undefined;
}

function act(list: List, action: ActionName): boolean {
  const current = list.current();
  const message = current === null ? null : list.message(current);
  if (!message || message.deleted) return false;
  const name = acts.find((one) => one === action);
  if (!name || (name === 'edit' && !list.own(message)) || (name === 'remove' && !list.actions.canRemove(message))) return false;
  list.actions[name](message);
  return true;
}

function leave(list: List, { target }: KeyboardEvent): boolean {
  const inside = target instanceof Element && !target.matches('article, .timeline');
  const current = list.current();
  if (inside && current !== null) list.focus(current);
  else list.type('');
  return true;
}
