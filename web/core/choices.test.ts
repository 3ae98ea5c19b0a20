import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { choicesOf, countsFor, isMuted, placeOf, settled, unreadAbove, withChosen } from './choices';
import { ChatList } from './list';
import { merged, withMessage, withReadMarker } from './reduce';
import { FakeBrowser, pass, until } from './testing/browser';
import { FakeServer } from './testing/fake_server';
import { chat, message } from './testing/made_up';
import type { Chat, Choices, Choosing } from './types';

const row = (me: Partial<Choices>, over: Partial<Chat> = {}): Chat => chat({ head_seq: 9, read_seq: 9, ...over, me: { version: 1, ...me } });
const chosen = (change: Choosing, over: Partial<Chat> = {}): Chat => withChosen(row({}, over), { marked_seq: 9, ...change });
const now = Date.parse('2026-11-28T12:00:00Z');

test('a muted chat counts its mentions alone, a hidden one nothing', () => {
  const unread = { unread: 5, mentions: 2, read_seq: 4 };
  const all: Partial<Choices>[] = [{}, { level: 'mentions' }, { level: 'none' }, { muted_until: '9999-12-30T00:00:00Z' }, { hidden: true, hidden_seq: 9 }];
  expect(all.map((me) => countsFor(row(me, unread)))).toEqual([5, 2, 2, 2, 0]);
  expect(all.map((me) => isMuted(row(me)))).toEqual([false, false, true, true, false]);
});

test('a list says when a chat moves to another section, and counts what is to be known', () => {
  const list = new ChatList();
  list.put(row({}, { id: 'a', unread: 3 }));
  list.put(row({ section: 'Work' }, { id: 'b', unread: 1 }));
  const order = list.order.get();
  list.put(row({}, { id: 'a', unread: 4 }));
  expect([list.order.get() === order, list.unread.get()]).toEqual([true, 5]);
  list.put(row({ favourite: true, level: 'none' }, { id: 'a', unread: 4 }));
  expect([list.order.get() === order, list.unread.get()]).toEqual([false, 1]);
  const again = list.order.get();
  list.fill(list.chats.get());
  expect(list.order.get()).toBe(again);
});

test('hiding ends with the next message, a mute with its time', () => {
  const hidden = chosen({ hidden: true, hidden_seq: 9 });
  expect(placeOf(settled(hidden, now))).toBe('true,,');
  expect(placeOf(settled(withMessage(hidden, message(10), 'me'), now))).toBe(',,');
  const muted = chosen({ muted_until: '2026-11-28T12:00:01Z' });
  expect([isMuted(settled(muted, now)), isMuted(settled(muted, now + 1000))]).toEqual([true, false]);
});

test('what is called unread is unread until the marker moves', () => {
  const called = chosen({ unread_from: 4 });
  expect([called.read_seq, unreadAbove(called), called.unread]).toEqual([9, 3, 1]);
  expect(withReadMarker(called, 9, { unread: 0, mentions: 0 })).toBe(called);
  const read = settled(withReadMarker({ ...called, head_seq: 10 }, 10), now);
  expect([unreadAbove(read), read.unread, read.me]).toEqual([10, 0, { version: 1 }]);
  expect(withChosen(called, { unread_from: null }).unread).toBe(0);
});

test('of two copies the newer choices count, with what is unread by them', () => {
  const ours = row({ unread_from: 4, marked_seq: 9, version: 3 }, { unread: 6 });
  const theirs = row({ section: 'Work', version: 2 }, { head_cseq: 5 });
  for (const both of [merged(ours, theirs), merged({ ...theirs }, ours)]) expect([choicesOf(both).version, both.unread]).toEqual([3, 6]);
  const { me: _, ...older } = theirs;
  expect(choicesOf(merged(ours, older)).version).toBe(3);
});

describe('a client', () => {
  let server: FakeServer;
  let browser: FakeBrowser;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    server = new FakeServer();
    server.person('ada');
    server.person('bo');
    server.signedIn = 'ada';
    browser = new FakeBrowser(server);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  test('shows a choice at once, in other tabs too, and what is chosen elsewhere', async () => {
    const crew = server.chat('crew', 'ada', 'bo');
    const [client, other] = [await browser.liveTab(), await browser.liveTab()];
    client.choose('crew', { favourite: true });
    expect(client.chat('crew').get()?.me).toMatchObject({ favourite: true, version: 0 });
    await until(() => other.chat('crew').get()?.me?.favourite === true);
    await until(() => client.chat('crew').get()?.me?.version === 1);
    crew.choose('ada', { section: 'Work' });
    await until(() => client.chat('crew').get()?.me?.section === 'Work');
    expect(client.chat('crew').get()?.me).toEqual({ favourite: true, section: 'Work', version: 2 });
  });

  test('keeps what was chosen offline through a closed tab, and tells only the last of it', async () => {
    const crew = server.chat('crew', 'ada', 'bo');
    await browser.liveTab();
    browser.network(false);
    browser.closeTabs();
    const offline = browser.tab();
    await until(() => offline.chat('crew').get() != null);
    offline.choose('crew', { section: 'Work' });
    offline.choose('crew', { section: 'Play', level: 'none' });
    await pass(2_000);
    browser.closeTabs();
    const next = browser.tab();
    await until(() => next.chat('crew').get()?.me?.section === 'Play');
    expect(next.waiting.get()).toEqual([]);
    browser.network(true);
    await until(() => crew.as('ada').me?.section === 'Play');
    expect(crew.as('ada').me).toEqual({ section: 'Play', level: 'none', version: 1 });
  });

  test('shows again what was there where a choice is refused, and says why', async () => {
    const crew = server.chat('crew', 'ada', 'bo');
    crew.choose('ada', { section: 'Work' });
    const client = await browser.liveTab();
    client.choose('crew', { section: 'forbidden' });
    expect(client.chat('crew').get()?.me?.section).toBe('forbidden');
    await until(() => client.refused.get()?.code === 'invalid_section');
    await until(() => client.chat('crew').get()?.me?.section === 'Work');
  });

  test('calls a chat unread until it is read again, though the marker stays', async () => {
    const crew = server.chat('crew', 'ada', 'bo');
    for (let n = 0; n < 6; n += 1) crew.send('bo', `number ${n}`, `b${n}`);
    crew.mark('ada', 5);
    const client = await browser.liveTab();
    client.choose('crew', { unread_from: 2 });
    await until(() => client.chat('crew').get()?.unread === 4);
    expect([client.unread.get(), client.chat('crew').get()?.read_seq]).toEqual([4, 5]);
    client.markRead('crew', 1);
    await pass(2_000);
    expect(crew.as('ada').unread).toBe(4);
    client.markRead('crew', 5);
    expect(client.chat('crew').get()?.unread).toBe(0);
    await until(() => crew.as('ada').unread === 0);
    client.choose('crew', { unread_from: 0 });
    await until(() => crew.as('ada').unread === 6);
    crew.send('bo', 'more', 'b6');
    await until(() => client.chat('crew').get()?.unread === 7);
    client.send('crew', 'mine');
    await until(() => crew.as('ada').unread === 0 && client.chat('crew').get()?.unread === 0);
    expect(client.chat('crew').get()?.me?.unread_from).toBeUndefined();
  });

  test('lets a mute end by itself', async () => {
    let time = Date.parse('2026-11-28T12:00:00Z');
    server.now = () => time;
    server.chat('crew', 'ada', 'bo').send('bo', 'hello', 'b0');
    const client = await browser.liveTab();
    client.choose('crew', { muted_until: new Date(time + 60_000).toISOString() });
    expect(client.unread.get()).toBe(0);
    await pass(50_000);
    expect(client.unread.get()).toBe(0);
    time += 60_000;
    await pass(20_000);
    expect(client.unread.get()).toBe(1);
  });
});
