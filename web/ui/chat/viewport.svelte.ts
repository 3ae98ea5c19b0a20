import { tick } from 'svelte';
import type { Timeline, TimelineView } from '../../core';
import { below, inSight, measure, moved, type Lie } from '../lib/anchor';

const nearEnd = 100;
const veryEnd = 4;
const ahead = 800;
/** What is drawn beyond the screen, at least, when something has to go. */
const kept = 2_400;
const mostRows = 120;
const mostNodes = 4_500;
const longestWait = 8_000;

/** A message and how far below the upper edge of the view it begins. */
export interface Spot {
  seq: number;
  below: number;
}

/**
 * What is looked at of a timeline. Rows are real elements, about a hundred of them. Whatever changes, the row being
 * read stays where it is and the hand that scrolls is never pulled back; only who is at the very end is taken along
 * with new messages. What comes next is fetched because of where the view is, however it came there.
 */
export class Viewport {
  scroller: HTMLElement | null = null;
  /** Whether the newest message is on the screen, or nearly. */
  atEnd = $state(true);
  /** Whether the last try to fetch more brought nothing. */
  stalled = $state(false);
  opened = false;

  readonly #timeline: Timeline;
  readonly #view: () => TimelineView;
  #lie: Lie = { top: 0, height: 0, total: 0, rows: [] };
  /** Whether the window of messages reached the newest one when the list was measured. */
  #reached = false;
  #follows = true;
  #held: string | null = null;
  #isLoading = false;
  #wait = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(timeline: Timeline, view: () => TimelineView) {
    this.#timeline = timeline;
    this.#view = view;
  }

  readonly attach = (scroller: HTMLElement): (() => void) => {
    this.scroller = scroller;
    const observer = new ResizeObserver(() => this.resized());
    observer.observe(scroller);
    const watchList = new MutationObserver(() => {
      const list = scroller.querySelector('.log');
      if (list) observer.observe(list);
    });
    watchList.observe(scroller, { childList: true });
    return () => {
      observer.disconnect();
      watchList.disconnect();
      clearTimeout(this.#timer);
      this.scroller = null;
    };
  };

  /** Right before rows change: settles what changed by itself, and notes where they lie. */
  before(): void {
    if (!this.scroller || !this.opened) return;
    this.#notice(this.scroller);
    this.#settle(this.#lie.top);
  }

  /** Right after rows changed, in the same turn. */
  after(): void {
    if (!this.scroller || !this.opened) return;
    this.#settle(this.#lie.top);
    const left = below(this.#lie);
    this.#follows &&= this.#isAtEnd() || left < nearEnd;
    this.#reached = this.#view().atEnd;
    this.#measureEnd(left);
    this.#look();
  }

  /** Something became larger or smaller by itself: the window, a picture, a text that was unfolded. */
  resized(): void {
    if (!this.scroller || !this.opened) return;
    this.#notice(this.scroller);
    this.after();
  }

  /** The reader moved, or was moved. */
  scrolled(): void {
    if (!this.scroller || !this.opened) return;
    const left = this.#notice(this.scroller);
    this.#held = null;
    this.#measureEnd(left);
    this.#look();
  }

  /** The next change comes from this row: it stays where it is. */
  hold(key: string | null): void {
    this.#held = key;
  }

  /** The first look: where one was, at a message, at the first new one, else at the newest. */
  open(seq: number | null, spot: Spot | null): void {
    this.opened = this.scroller !== null;
    this.#reached = this.#view().atEnd;
    if (!this.scroller?.querySelector('[data-key]')) return;
    const fresh = this.scroller.querySelector('.line.new');
    this.#follows = false;
    if (spot) this.place(spot);
    else if (seq !== null) this.center(seq);
    else if (fresh) this.#show(fresh, 0.25);
    else this.toEnd();
  }

  center(seq: number): void {
    const row = this.#row(seq);
    if (row) this.#show(row, 0.4);
  }

  /** Puts a message where it was. */
  place({ seq, below }: Spot): void {
    const row = this.#row(seq);
    if (row) this.#show(row, 0, below);
  }

  /** Where the eye is; null at the end, which moves. */
  spot(): Spot | null {
    if (!this.scroller || !this.opened || this.#isAtEnd()) return null;
    const row = inSight(this.#lie).find(({ seq }) => seq !== null);
    return row?.seq == null ? null : { seq: row.seq, below: Math.round(row.at - this.#lie.top) };
  }

  /** Whether an element of the list is on the screen. */
  sees(selector: string): boolean {
    const box = this.scroller?.querySelector(selector)?.getBoundingClientRect();
    const frame = this.scroller?.getBoundingClientRect();
    return box !== undefined && frame !== undefined && box.bottom > frame.top && box.top < frame.bottom;
  }

  toEnd(): void {
    this.#follows = true;
    this.#reached = this.#view().atEnd;
    if (this.scroller) this.#lie = { ...this.#lie, total: -1 };
    this.after();
  }

  focus(key: string | null): void {
    const row = this.#rows().find((one) => one.dataset['key'] === key);
    row?.querySelector<HTMLElement>('article')?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  }

  /** Tries again at once what brought nothing. */
  again(): void {
    clearTimeout(this.#timer);
    this.#wait = 0;
    this.stalled = false;
    this.#look();
  }

  /** Takes over where the hand has moved the list since it was measured. Answers how much is below. */
  #notice({ scrollTop, clientHeight, scrollHeight }: HTMLElement): number {
    const left = below({ top: scrollTop, height: clientHeight, total: scrollHeight });
    const by = scrollTop - this.#lie.top;
    // The list has become so short that the browser moved it: that was no hand.
    if (left < 1 && by < 0) return left;
    if (left <= veryEnd) this.#follows = true;
    else if (by < -1) this.#follows = false;
    else if (by > 1 && left < nearEnd) this.#follows = true;
    this.#lie = { ...this.#lie, top: scrollTop };
    return left;
  }

  #isAtEnd(): boolean {
    return this.#reached && this.#follows;
  }

  /** Takes the list as it is now. The view goes from `top` along with the rows in it, or to the end. */
  #settle(top: number): void {
    const { scroller } = this;
    if (!scroller) return;
    const now = measure(scroller);
    // At the end nothing is done while nothing changes: there, too, the hand may move by a little.
    const isChanged = now.total !== this.#lie.total || now.height !== this.#lie.height;
    const to = this.#isAtEnd() && isChanged ? now.total - now.height : top + moved({ ...this.#lie, top }, now, this.#held);
    if (Math.abs(to - now.top) >= 0.5) scroller.scrollTop = to;
    this.#lie = { ...now, top: scroller.scrollTop };
  }

  #measureEnd(left = below(this.#lie)): void {
    this.atEnd = this.#view().atEnd && (this.#isAtEnd() || left < nearEnd);
  }

  /** Fetches what comes next, if the view is near an edge of what is there. */
  #look(): void {
    const view = this.#view();
    if (!this.opened || !this.scroller || !view.loaded || view.busy || this.#isLoading || this.stalled) return;
    const reach = Math.max(ahead, this.#lie.height);
    if (this.#lie.top < reach && !view.atStart) void this.#load('older');
    else if (below(this.#lie) < reach && !view.atEnd) void this.#load('newer');
  }

  async #load(side: 'older' | 'newer'): Promise<void> {
    this.#isLoading = true;
    const grew = await this.#timeline[side](this.#page());
    // Drawn before anything is taken away, so that what is in sight is known.
    await tick();
    if (grew) this.#trim(side);
    this.#isLoading = false;
    if (grew) this.#wait = 0;
    else if (this.scroller) this.#rest();
    this.#look();
  }

  /** Nothing came. Looks again later, and later each time. */
  #rest(): void {
    this.stalled = true;
    this.#wait = Math.min(longestWait, this.#wait * 2 || 500);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.stalled = false;
      this.#look();
    }, this.#wait);
  }

  /** How many messages fill what is fetched ahead, by how tall they are here. */
  #page(): number {
    const { total, rows } = this.#lie;
    return Math.min(50, Math.max(8, Math.ceil((kept * rows.length) / Math.max(total, 1))));
  }

  /** Lets go of what is far from the view: on the side that was left, and of both if it is too much to draw. */
  #trim(towards: 'older' | 'newer'): void {
    const { top, height, rows } = this.#lie;
    const nodes = this.scroller?.getElementsByTagName('*').length ?? 0;
    if (rows.length <= mostRows && nodes <= mostNodes) return;
    const both = nodes > mostNodes;
    const reach = Math.max(kept, 2 * height);
    const near = rows.filter(
      ({ at, end }) => (end > top - reach || (towards === 'older' && !both)) && (at < top + height + reach || (towards === 'newer' && !both)),
    );
    const seqs = near.flatMap(({ seq }) => seq ?? []);
    const [first, last] = [seqs[0], seqs.at(-1)];
    if (first !== undefined && last !== undefined && near.length < rows.length) this.#timeline.trim(first, last);
  }

  #rows(): HTMLElement[] {
    return [...(this.scroller?.querySelectorAll<HTMLElement>('[data-key]') ?? [])];
  }

  #row(seq: number): HTMLElement | null {
    return this.scroller?.querySelector<HTMLElement>(`[data-seq="${seq}"]`)?.closest<HTMLElement>('[data-key]') ?? null;
  }

  #show(row: Element, part: number, offset = 0): void {
    const { scroller } = this;
    if (!scroller) return;
    const frame = scroller.getBoundingClientRect();
    scroller.scrollTop += row.getBoundingClientRect().top - frame.top - frame.height * part - offset;
    this.#lie = measure(scroller);
    this.#reached = this.#view().atEnd;
    this.#follows = below(this.#lie) <= veryEnd;
    this.#measureEnd();
    this.#look();
  }
}
