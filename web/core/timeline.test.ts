import { afterEach, expect, test, vi } from 'vitest';
import { MessageLog } from './log';
import { message } from './testing/made_up';
import { TimelineWindow, type MessageQuery } from './timeline';

const head = 499;

afterEach(() => void vi.useRealTimers());

/** A chat of five hundred messages behind a connection that may be down or silent. The newest `held` ones are here. */
function chat(held = 0) {
  const log = new MessageLog();
  const asked: MessageQuery[] = [];
  const state = { isDown: false, isSilent: false };
  const put = (from: number, to: number): void => {
    for (let seq = Math.max(0, from); seq <= Math.min(head, to); seq += 1) log.put(message(seq));
  };
  const timeline = new TimelineWindow({
    message: (seq) => log.get(seq),
    gaps: (from, to) => log.gaps(from, to),
    head: () => ({ head, read: head }),
    waiting: () => [],
    arrived: () => false,
    recall: () => Promise.resolve(),
    loadChat: () => Promise.resolve(),
    forgetFar: () => {},
    fetch: (query) => {
      asked.push(query);
      if (state.isSilent) return new Promise(() => undefined);
      if (state.isDown) return Promise.reject(new Error('offline'));
      if (query.before !== undefined) put(query.before - query.limit, query.before - 1);
      else if (query.after !== undefined) put(query.after + 1, query.after + query.limit);
      return Promise.resolve();
    },
  });
  put(head - held + 1, head);
  return { timeline, state, asked };
}

test('pages come until the first message, and then nothing does', async () => {
  const { timeline } = chat();
  await timeline.open();
  let pages = 0;
  while (await timeline.older()) pages += 1;
  expect(timeline.shown).toEqual({ from: 0, to: head });
  expect(timeline.view.get().atStart).toBe(true);
  expect(pages).toBe(10);
});

test('a page that does not come leaves the window as it is, and comes later', async () => {
  const { timeline, state } = chat();
  await timeline.open();
  state.isDown = true;
  // The first page was larger than what is shown at first.
  expect(await timeline.older()).toBe(true);
  const before = timeline.shown;
  expect(before).toEqual({ from: 450, to: head });
  expect(await timeline.older()).toBe(false);
  expect(timeline.shown).toEqual(before);
  expect(timeline.view.get().items.some((item) => 'gap' in item)).toBe(false);
  state.isDown = false;
  expect(await timeline.older()).toBe(true);
  expect(timeline.shown.from).toBe(before.from - 50);
});

test('what was let go of on both sides comes back from memory', async () => {
  const { timeline, asked } = chat();
  await timeline.open();
  await timeline.older();
  await timeline.older();
  timeline.trim(400, 450);
  expect(timeline.shown).toEqual({ from: 400, to: 450 });
  expect(timeline.view.get()).toMatchObject({ atEnd: false, atStart: false });
  const requests = asked.length;
  expect(await timeline.newer(10)).toBe(true);
  expect(timeline.shown).toEqual({ from: 400, to: 460 });
  expect(asked).toHaveLength(requests);
});

const shownOf = (timeline: TimelineWindow): unknown[] => timeline.view.get().items.filter((item) => 'message' in item);

test('a few messages wait for the page they belong to, and nothing is moved by it', async () => {
  const { timeline } = chat(1);
  const seen: number[] = [];
  timeline.view.subscribe((view) => view.loaded && seen.push(shownOf(timeline).length));
  await timeline.open();
  expect(new Set(seen)).toEqual(new Set([40]));
});

test('a screenful is shown before its page comes', async () => {
  const { timeline, state } = chat(15);
  state.isSilent = true;
  void timeline.open();
  await Promise.resolve();
  expect(timeline.view.get().loaded).toBe(true);
  expect(shownOf(timeline)).toHaveLength(15);
});

test('a few are shown alone when their page does not come in a moment, or at all', async () => {
  vi.useFakeTimers();
  const slow = chat(2);
  slow.state.isSilent = true;
  void slow.timeline.open();
  await vi.advanceTimersByTimeAsync(900);
  expect(slow.timeline.view.get().loaded).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(shownOf(slow.timeline)).toHaveLength(2);
  const down = chat(2);
  down.state.isDown = true;
  await down.timeline.open();
  expect(down.timeline.view.get()).toMatchObject({ loaded: true, error: null });
  expect(shownOf(down.timeline)).toHaveLength(2);
});
