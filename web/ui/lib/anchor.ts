/** Where a row lies, in the coordinates of the list: scrolling changes nothing here. */
export interface Place {
  key: string;
  /** The message's number; null while it is only on its way. */
  seq: number | null;
  at: number;
  end: number;
}

/** How a list lies in its scroller. */
export interface Lie {
  /** How far it is scrolled. */
  top: number;
  /** How much of it can be seen at once. */
  height: number;
  total: number;
  /** Rows of messages, from top to bottom. Lines between them do not count: they go where the messages are. */
  rows: readonly Place[];
}

/** Measures the rows that have a key. */
export function measure(scroller: HTMLElement): Lie {
  const { scrollTop: top, clientHeight: height, scrollHeight: total } = scroller;
  const origin = scroller.getBoundingClientRect().top - top;
  const rows = [...scroller.querySelectorAll<HTMLElement>('[data-key]')].map((row) => {
    const box = row.getBoundingClientRect();
    const { key = '', at } = row.dataset;
    return { key, seq: at === undefined ? null : Number(at), at: box.top - origin, end: box.bottom - origin };
  });
  return { top, height, total, rows };
}

/** The rows on the screen, the one the eye is on first: one that begins there, and not the first of all, which may be drawn otherwise once there is one before it. */
export function inSight({ top, height, rows }: Lie): Place[] {
  const seen = rows.filter(({ at, end }) => end > top && at < top + height);
  const whole = seen.filter((row) => row.at >= top && row !== rows[0]);
  return [...whole, ...seen];
}

/**
 * How far rows in sight have moved within the list: by so much the scroller has to follow, so that nothing moves
 * before the eye. `held` is a row that was just touched; it stays where it is whatever else does.
 */
export function moved(before: Lie, after: Lie, held: string | null = null): number {
  const now = new Map(after.rows.map((row) => [row.key, row]));
  const seen = inSight(before);
  const anchor = [...seen.filter(({ key }) => key === held), ...seen].find(({ key }) => now.has(key));
  return anchor ? (now.get(anchor.key)?.at ?? anchor.at) - anchor.at : 0;
}

/** How much of the list lies below what can be seen. */
export const below = ({ top, height, total }: Pick<Lie, 'top' | 'height' | 'total'>): number => total - top - height;

/** The highest message number that can be seen whole, or its end if it is taller than the view. */
export function lastSeen(scroller: HTMLElement): number {
  const bottom = scroller.getBoundingClientRect().bottom + 1;
  const seen = [...scroller.querySelectorAll<HTMLElement>('[data-seq]')].filter((row) => row.getBoundingClientRect().bottom <= bottom);
  return Number(seen.at(-1)?.dataset['seq'] ?? -1);
}
