/** Where rows stood, so that they can be put back there after the list has changed. */
export type Anchor = { key: string; top: number }[];

/** Notes where the visible rows stand. Several, because the first may be gone afterwards. */
export function takeAnchor(scroller: HTMLElement): Anchor {
  const frame = scroller.getBoundingClientRect();
  const anchor: Anchor = [];
  for (const row of rowsOf(scroller)) {
    const box = row.getBoundingClientRect();
    if (box.bottom <= frame.top) continue;
    if (box.top >= frame.bottom) break;
    anchor.push({ key: row.dataset['key'] ?? '', top: box.top - frame.top });
  }
  return anchor;
}

/** Scrolls so that the first row that is still there stands where it stood. */
export function holdAnchor(scroller: HTMLElement, anchor: Anchor): void {
  const frame = scroller.getBoundingClientRect();
  const rows = new Map(rowsOf(scroller).map((row) => [row.dataset['key'] ?? '', row]));
  for (const { key, top } of anchor) {
    const row = rows.get(key);
    if (!row) continue;
    const moved = row.getBoundingClientRect().top - frame.top - top;
    if (Math.abs(moved) >= 0.5) scroller.scrollTop += moved;
    return;
  }
}

export const rowsOf = (scroller: HTMLElement): HTMLElement[] => [...scroller.querySelectorAll<HTMLElement>('[data-key]')];

/** How far the view is above the end. */
export const belowView = (scroller: HTMLElement): number => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

/** The highest message number that can be seen whole, or its end if it is taller than the view. */
export function lastSeen(scroller: HTMLElement): number {
  const bottom = scroller.getBoundingClientRect().bottom + 1;
  const seen = [...scroller.querySelectorAll<HTMLElement>('[data-seq]')].filter((row) => row.getBoundingClientRect().bottom <= bottom);
  return Number(seen.at(-1)?.dataset['seq'] ?? -1);
}
