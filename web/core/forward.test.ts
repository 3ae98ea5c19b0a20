import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { previewOf } from './reduce';
import { FakeBrowser, until } from './testing/browser';
import { FakeServer } from './testing/fake_server';
import { message } from './testing/made_up';

afterEach(() => void vi.useRealTimers());

async function begun(): Promise<{ server: FakeServer; browser: FakeBrowser }> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const server = new FakeServer();
  for (const person of ['ada', 'bo']) server.person(person);
  server.signedIn = 'ada';
  server.chat('vault', 'ada').send('ada', 'the tide', 'tide');
  server.chat('crew', 'ada', 'bo');
  return { server, browser: new FakeBrowser(server) };
}

const what = { chat: 'vault', seq: 0, author: 'ada', at: '2026-11-28T10:00:00Z', text: 'the tide' };

test('what is forwarded offline shows its copy, survives the tab and is sent once', async () => {
  const { server, browser } = await begun();
  const closed = await browser.liveTab();
  browser.network(false);
  closed.forward('crew', what, '');
  closed.forward('crew', what, 'look');
  await until(() => closed.doing.get().length === 2);
  expect(closed.waiting.get().map(({ text, forward }) => [text, forward?.text])).toEqual([['', 'the tide'], ['look', 'the tide']]);
  await closed.activity(false);
  browser.closeTabs();
  const next = browser.tab();
  await until(() => next.doing.get().length === 2);
  browser.network(true);
  await until(() => next.doing.get().length === 0);
  const sent = server.chats.get('crew')?.messages.map(({ text, forwarded }) => [text, forwarded?.text, forwarded?.author]);
  expect(sent).toEqual([['', 'the tide', 'ada'], ['look', 'the tide', 'ada']]);
});

test('what cannot be forwarded any more is kept and says why', async () => {
  const { server, browser } = await begun();
  const tab = await browser.liveTab();
  server.chats.get('vault')?.delete(0);
  tab.forward('crew', what, 'look');
  await until(() => tab.waiting.get()[0]?.state === 'failed');
  expect(tab.waiting.get()[0]).toMatchObject({ code: 'unknown_source', text: 'look', forward: { text: 'the tide' } });
});

test('a preview has the beginning of the copy, and no place', () => {
  const forwarded = { author: 'bo', at: what.at, text: 'é☕'.repeat(150), chat: 'vault', seq: 7 };
  const preview = previewOf(message(3, { text: '', forwarded }));
  expect([preview.forwarded, preview.is_cut]).toEqual([{ author: 'bo', at: what.at, text: 'é☕'.repeat(100) }, true]);
  const short = previewOf(message(3, { text: 'x', forwarded: { ...forwarded, text: 'short', hidden: true } }));
  expect([short.forwarded, short.is_cut]).toEqual([{ author: 'bo', at: what.at, text: 'short' }, undefined]);
});
