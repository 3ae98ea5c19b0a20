import type { Timeline, TimelineView } from '../../core';
import { belowView, holdAnchor, takeAnchor, type Anchor } from '../lib/anchor';

const nearEnd = 100;
const fetchAhead = 800;
const mostRows = 150;

/**
 * What is looked at of a timeline. Rows are real elements, at most about 150; whatever changes above or below,
 * the row being read stays where it is, and only a reader at the very end is taken along with new messages.
 */
export class Viewport {
  scroller: HTMLElement | null = null;
  /** Whether the newest message is on the screen, or nearly. */
  atEnd = $state(true);
  opened = false;

  readonly #timeline: Timeline;
  #anchor: Anchor = [];

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  readonly attach = (scroller: HTMLElement): (() => void) => {
    this.scroller = scroller;
    const observer = new ResizeObserver(() => this.after());
    observer.observe(scroller);
    const watchList = new MutationObserver(() => {
      const list = scroller.querySelector('.log');
      if (list) observer.observe(list);
    });
    watchList.observe(scroller, { childList: true });
    return () => {
      observer.disconnect();
      watchList.disconnect();
      this.scroller = null;
    };
  };

  /** Before rows change: notes where they stand. */
  before(): void {
    if (this.scroller && this.opened) this.#anchor = takeAnchor(this.scroller);
  }

  /** After rows or sizes changed: puts them back. */
  after(): void {
    if (!this.scroller || !this.opened) return;
    if (this.atEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
    else holdAnchor(this.scroller, this.#anchor);
  }

  /** The first look: at a message, at the first new one, else at the newest. */
  open(seq: number | null): void {
    if (!this.scroller?.querySelector('[data-key]')) {
      this.opened = this.scroller !== null;
      return;
    }
    this.opened = true;
    const fresh = this.scroller.querySelector('.line.new');
    if (seq !== null) this.center(seq);
    else if (fresh) this.#show(fresh, 0.25);
    else this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#measure(true);
  }

  center(seq: number): void {
    const row = this.scroller?.querySelector(`[data-seq="${seq}"]`);
    if (row) this.#show(row, 0.4);
    this.#measure(true);
  }

  toEnd(): void {
    this.atEnd = true;
    this.after();
  }

  focus(key: string | null): void {
    const row = [...(this.scroller?.querySelectorAll<HTMLElement>('[data-key]') ?? [])].find((one) => one.dataset['key'] === key);
    row?.querySelector<HTMLElement>('article')?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  }

  /** The reader moved: fetches what comes next and lets go of what is far. */
  scrolled(view: TimelineView): void {
    const { scroller } = this;
    if (!scroller || !this.opened) return;
    this.#measure(view.atEnd);
    if (view.busy) return;
    if (scroller.scrollTop < fetchAhead && !view.atStart) void this.#timeline.older().then(() => this.#timeline.trim('older', mostRows));
    else if (belowView(scroller) < fetchAhead && !view.atEnd) void this.#timeline.newer().then(() => this.#timeline.trim('newer', mostRows));
    else if (this.atEnd && view.items.length > mostRows + 50) this.#timeline.trim('newer', mostRows);
  }

  #measure(windowAtEnd: boolean): void {
    if (!this.scroller) return;
    this.atEnd = windowAtEnd && belowView(this.scroller) < nearEnd;
    this.#anchor = takeAnchor(this.scroller);
  }

  #show(row: Element, part: number): void {
    if (!this.scroller) return;
    const frame = this.scroller.getBoundingClientRect();
    this.scroller.scrollTop += row.getBoundingClientRect().top - frame.top - frame.height * part;
  }
}
