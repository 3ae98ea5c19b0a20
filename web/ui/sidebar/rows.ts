import { actionOf } from '../state/keymap';

const row = '.row[data-chat]';

/** Arrows, Home and End move among the rows of the list that are on the screen. */
export function steerRows(event: KeyboardEvent): void {
  if (!(event.target instanceof Element) || !event.target.matches(row)) return;
  const list = event.currentTarget as HTMLElement;
  const rows = [...list.querySelectorAll<HTMLElement>(row)].filter((one) => one.checkVisibility());
  const next = target(rows, rows.indexOf(event.target as HTMLElement), actionOf(event, 'list'));
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}

function target(rows: HTMLElement[], now: number, action: ReturnType<typeof actionOf>): HTMLElement | undefined {
  if (action === 'nextRow') return rows[now + 1];
  if (action === 'previousRow') return rows[now - 1];
  if (action === 'firstRow') return rows[0];
  if (action === 'lastRow') return rows.at(-1);
  return undefined;
}
