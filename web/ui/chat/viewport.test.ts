import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import type { Timeline, TimelineView } from '../../core';
import { Viewport } from './viewport.svelte';

const height = 600;
/** So near the end is at the end. */
const veryEnd = 4;

/** A list of messages as a browser lays it out: rows one below the other in a scroller. */
class Page {
  scrollTop = 0;
  readonly clientHeight = height;
  first: number;
  last: number;
  readonly head: number;
  readonly tall: (seq: number) => number;

  constructor(head: number, from: number, tall: (seq: number) => number = (seq) => 40 + (seq % 5) * 22) {
    this.head = head;
    this.first = from;
    this.last = head;
    this.tall = tall;
  }

  get scrollHeight(): number {
    return Math.max(height, this.rows.reduce((sum, seq) => sum + this.tall(seq), 0));
  }

  get rows(): number[] {
    return Array.from({ length: this.last - this.first + 1 }, (_, n) => this.first + n);
  }

  /** Where a row is on the screen. */
  at(seq: number): number {
    return this.rows.filter((one) => one < seq).reduce((sum, one) => sum + this.tall(one), 0) - this.scrollTop;
  }

  seen(): number[] {
    return this.rows.filter((seq) => this.at(seq) + this.tall(seq) > 0 && this.at(seq) < height);
  }

  clamp(): void {
    this.scrollTop = Math.max(0, Math.min(this.scrollTop, this.scrollHeight - height));
  }

  getBoundingClientRect = () => ({ top: 0, bottom: height, height });
  querySelector = () => ({});
  getElementsByTagName = () => ({ length: this.rows.length * 10 });
  querySelectorAll = () =>
    this.rows.map((seq) => ({ dataset: { key: `${seq}`, at: `${seq}` }, getBoundingClientRect: () => ({ top: this.at(seq), bottom: this.at(seq) + this.tall(seq) }) }));
}

function stage(page: Page, { isDown = (): boolean => false } = {}) {
  const change = (first: number, last: number): void => {
    viewport.before();
    [page.first, page.last] = [first, last];
    page.clamp();
    viewport.after();
  };
  const asked: string[] = [];
  const timeline = {
    older: async (most = 50) => {
      asked.push('older');
      await Promise.resolve();
      if (isDown() || page.first === 0) return false;
      change(Math.max(0, page.first - most), page.last);
      return true;
    },
    newer: async (most = 50) => {
      asked.push('newer');
      await Promise.resolve();
      if (isDown() || page.last === page.head) return false;
      change(page.first, Math.min(page.head, page.last + most));
      return true;
    },
    trim: (from: number, to: number) => change(Math.max(page.first, from), Math.min(page.last, to)),
  } as unknown as Timeline;
  const view = (): TimelineView => ({ items: [], atStart: page.first === 0, atEnd: page.last === page.head, loaded: true, busy: false, error: null });
  const viewport: Viewport = new Viewport(timeline, view);
  viewport.scroller = page as unknown as HTMLElement;
  viewport.opened = true;
  viewport.toEnd();
  return { viewport, asked, change };
}

const settled = async (): Promise<void> => {
  for (let n = 0; n < 200; n += 1) await Promise.resolve();
};

afterEach(() => vi.useRealTimers());

test('what is near an edge is fetched though nobody scrolls', async () => {
  const page = new Page(400, 398);
  stage(page);
  await settled();
  expect(page.scrollHeight).toBeGreaterThan(height + 800);
  expect(page.seen().at(-1)).toBe(400);
});

test('steps of the hand add up, whatever comes and goes meanwhile', async () => {
  const step = fc.record({ by: fc.integer({ min: -900, max: 500 }), event: fc.constantFrom('scroll', 'resize', 'none'), turns: fc.integer({ min: 0, max: 6 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const page = new Page(2_000, 1_960);
      const { viewport } = stage(page);
      await settled();
      for (const { by, event, turns } of steps) {
        const [seq] = page.seen().slice(1);
        const from = page.at(seq ?? 0);
        const top = page.scrollTop;
        page.scrollTop += by;
        page.clamp();
        const byHand = page.scrollTop - top;
        if (event === 'scroll') viewport.scrolled();
        else if (event === 'resize') viewport.resized();
        for (let n = 0; n < turns; n += 1) await Promise.resolve();
        if (seq !== undefined && page.seen().includes(seq)) expect(Math.abs(page.at(seq) - from + byHand)).toBeLessThanOrEqual(veryEnd);
        expect(page.seen().length).toBeGreaterThan(0);
        expect(page.rows.length).toBeLessThan(250);
        viewport.scrolled();
        await settled();
      }
    }),
    { numRuns: 100 },
  );
}, 30_000);

test('going up and up reaches the first message with few rows', async () => {
  const page = new Page(5_000, 4_960);
  const { viewport } = stage(page);
  await settled();
  let most = 0;
  for (let n = 0; n < 2_000 && page.at(0) !== 0; n += 1) {
    page.scrollTop = Math.max(0, page.scrollTop - 700);
    viewport.scrolled();
    await settled();
    most = Math.max(most, page.rows.length);
  }
  expect(page.seen()[0]).toBe(0);
  expect(most).toBeLessThan(250);
}, 30_000);

test('a new message takes along who is at the end, and nobody else', async () => {
  const page = new Page(100, 40);
  const { viewport, change } = stage(page);
  await settled();
  const grow = (): void => {
    Object.assign(page, { head: page.head + 1 });
    change(page.first, page.head);
  };
  grow();
  expect(page.seen().at(-1)).toBe(101);
  page.scrollTop -= 30;
  const [seq] = page.seen();
  const at = page.at(seq ?? 0);
  grow();
  expect(page.at(seq ?? 0)).toBe(at);
  page.scrollTop = page.scrollHeight - height;
  viewport.scrolled();
  grow();
  expect(page.seen().at(-1)).toBe(103);
});

test('what does not come is asked for again, after a while that grows', async () => {
  vi.useFakeTimers();
  let isDown = true;
  const page = new Page(400, 395);
  const { asked, viewport } = stage(page, { isDown: () => isDown });
  await settled();
  expect(asked).toEqual(['older']);
  expect(viewport.stalled).toBe(true);
  for (let n = 0; n < 5; n += 1) viewport.scrolled();
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(600);
  expect(asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(600);
  expect(asked).toHaveLength(2);
  isDown = false;
  viewport.again();
  await settled();
  expect(page.first).toBeLessThan(395);
});
