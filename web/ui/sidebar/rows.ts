import { actionOf } from '../state/keymap';

/** Where a key leads from one row of the list: arrows, Home and End. */
export function steer(event: KeyboardEvent, rows: readonly string[]): string | undefined {
  const now = rows.indexOf(rowAt(event.target) ?? '');
  if (now < 0) return undefined;
  const action = actionOf(event, 'list');
  if (action === 'nextRow') return rows[now + 1];
  if (action === 'previousRow') return rows[now - 1];
  if (action === 'firstRow') return rows[0];
  if (action === 'lastRow') return rows.at(-1);
  return undefined;
}

/** The chat whose row this is. */
export const rowAt = (target: EventTarget | null): string | null => (target instanceof HTMLElement && target.matches('.row') ? (target.dataset['chat'] ?? null) : null);
