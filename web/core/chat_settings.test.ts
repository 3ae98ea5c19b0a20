import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { merged } from './reduce';
import { asNew, closedFor, settingsOf, withSettings } from './chat_settings';
import { FakeBrowser, pass, until } from './testing/browser';
import { FakeServer } from './testing/fake_server';
import { chat } from './testing/made_up';

test('what a chat is set to is taken whole, and from the newer copy', () => {
  const before = chat({ topic: 'Bread', slow_s: 5, head_cseq: 3 });
  const after = withSettings({ ...before, head_cseq: 4 }, { archived: true });
  for (const row of [after, merged(after, before), merged(before, after)]) expect(settingsOf(row)).toEqual({ ...asNew, archived: true });
});

test('who may write where', () => {
  const closed = (over: Parameters<typeof chat>[0]): unknown => closedFor(chat(over));
  expect(closed({ role: 'member' })).toBeNull();
  expect(closed({ role: 'member', posting: 'admins' })).toBe('admins_only');
  expect(closed({ role: 'admin', posting: 'admins' })).toBeNull();
  expect(closed({ role: 'owner', posting: 'admins', archived: true })).toBe('archived');
  // A newer server knows more; that only some may write is safe to show.
  expect(closed({ role: 'member', posting: 'voted' as 'admins' })).toBe('admins_only');
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

  test('takes an archived chat out of the list and puts it back', async () => {
    const crew = server.chat('crew', 'ada', 'bo');
    server.chat('other', 'ada', 'bo').send('bo', 'hello', 'b');
    crew.send('bo', 'hello', 'b');
    const client = await browser.liveTab();
    await until(() => client.unread.get() === 2);
    crew.set({ archived: true, topic: 'Bread' });
    await until(() => client.order.get().join() === 'other');
    expect([client.unread.get(), client.chat('crew').get()?.topic, client.archived.get().map(({ id }) => id)]).toEqual([1, 'Bread', ['crew']]);
    void client.setChat('crew', { archived: false });
    await until(() => [...client.order.get()].sort().join() === 'crew,other');
    expect(client.archived.get()).toEqual([]);
  });

  test('knows archived chats from before, and asks for the others when they are wanted', async () => {
    const crew = server.chat('crew', 'ada', 'bo');
    const old = server.chat('old', 'ada', 'bo');
    old.set({ archived: true });
    const client = await browser.liveTab();
    await until(() => client.order.get().length === 1);
    expect(client.archived.get()).toEqual([]);
    void client.moreArchived();
    await until(() => client.archived.get()[0]?.id === 'old');
    browser.network(false);
    crew.set({ archived: true });
    old.set({ archived: false });
    browser.network(true);
    await until(() => client.order.get().join() === 'old' && client.archived.get()[0]?.id === 'crew');
  });

  test('lets words wait for their turn, and sends each once', async () => {
    let time = Date.parse('2026-11-28T12:00:00Z');
    server.now = () => time;
    const crew = server.chat('crew', 'ada', 'bo');
    crew.set({ slow_s: 30 });
    const client = await browser.liveTab();
    await until(() => client.chat('crew').get()?.slow_s === 30);
    client.send('crew', 'one');
    client.send('crew', 'two');
    await until(() => crew.messages.length === 1);
    await until(() => (client.waiting.get()[0]?.until ?? 0) > time);
    expect(client.waiting.get().map(({ text }) => text)).toEqual(['two']);
    time += 30_000;
    await pass(40_000);
    await until(() => crew.messages.length === 2 && client.waiting.get().length === 0);
    expect(crew.messages.map(({ text }) => text)).toEqual(['one', 'two']);
  });

  test('keeps words that an archived chat does not take', async () => {
    const crew = server.chat('crew', 'ada', 'bo');
    const client = await browser.liveTab();
    browser.network(false);
    client.send('crew', 'late');
    crew.set({ archived: true });
    browser.network(true);
    await until(() => client.waiting.get()[0]?.state === 'failed');
    expect(client.waiting.get().map(({ text, code }) => [text, code])).toEqual([['late', 'archived']]);
    crew.set({});
    const [late] = client.waiting.get();
    client.retry('crew', late?.clientId ?? '');
    await until(() => crew.messages.length === 1);
  });
});
