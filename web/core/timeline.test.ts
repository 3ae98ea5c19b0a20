import { expect, test } from 'vitest';
import { MessageLog } from './log';
import { message } from './testing/made_up';
import { TimelineWindow, type MessageQuery } from './timeline';

const head = 499;

/** A chat of five hundred messages behind a connection that may be down. */
function chat() {
  const log = new MessageLog();
  const asked: MessageQuery[] = [];
  const state = { isDown: false };
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
      if (state.isDown) return Promise.reject(new Error('offline'));
      if (query.before !== undefined) put(query.before - query.limit, query.before - 1);
      else if (query.after !== undefined) put(query.after + 1, query.after + query.limit);
      return Promise.resolve();
    },
  });
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
