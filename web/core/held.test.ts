import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Client } from './surface';
import { FakeBrowser, pass, texts, until, waiting } from './testing/browser';
import type { FakeChat } from './testing/fake_chat';
import { FakeServer } from './testing/fake_server';

let server: FakeServer;
let browser: FakeBrowser;
let crew: FakeChat;
let refusals: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  server = new FakeServer();
  server.person('ada');
  server.person('bo');
  server.signedIn = 'ada';
  crew = server.chat('crew', 'ada', 'bo');
  server.settings.set('ada', { undo_s: 10, receipts: true, version: 1 });
  browser = new FakeBrowser(server);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A tab of somebody whose messages are held. */
async function opened(): Promise<{ client: Client; timeline: ReturnType<Client['openTimeline']> }> {
  const client = await browser.liveTab();
  await until(() => client.settings.get().undo_s === 10);
  refusals = [];
  client.refused.subscribe((error) => void (error && refusals.push(error.code)));
  return { client, timeline: client.openTimeline('crew') };
}

const draftOf = (client: Client): string => client.draft('crew').record?.text ?? '';
const holds = (): string[] => server.held.map(({ text }) => text);

test('a message is shown at once, held by the server, and sent when its time is over', async () => {
  const { client, timeline } = await opened();
  client.send('crew', 'hello');
  await until(() => holds().length === 1);
  await until(() => client.doing.get()[0]?.kind === 'held');
  expect(waiting(timeline)).toEqual(['hello']);
  expect(client.doing.get()[0]).toMatchObject({ hold: { seconds: 10, until: server.now() + 10_000 } });
  expect(client.waiting.get()).toEqual([]);
  server.sendHeld();
  await until(() => texts(timeline).length === 1);
  expect(texts(timeline)).toEqual(['hello']);
  await until(() => client.doing.get().length === 0);
});

test('what is taken back was never sent, and its words are before those that were typed meanwhile', async () => {
  const { client, timeline } = await opened();
  crew.send('bo', 'are you there?', 'b0');
  client.send('crew', 'no', 0);
  await until(() => client.doing.get()[0]?.kind === 'held');
  client.setDraft('crew', { text: 'meanwhile', replyTo: null, edit: null, selection: [9, 9] });
  expect(client.unsend('crew')).toBe(true);
  await until(() => draftOf(client) !== 'meanwhile');
  expect(client.draft('crew').record).toMatchObject({ text: 'no\n\nmeanwhile', replyTo: 0 });
  expect(waiting(timeline)).toEqual([]);
  await until(() => holds().length === 0 && client.doing.get().length === 0);
  expect(client.unsend('crew')).toBe(false);
  await pass(30_000);
  expect(crew.written.map(({ text }) => text)).toEqual(['are you there?']);
  expect(refusals).toEqual([]);
});

test('a change that is being written stays, with the words under it', async () => {
  const { client } = await opened();
  crew.send('ada', 'old', 'a0');
  client.send('crew', 'no');
  await until(() => client.doing.get()[0]?.kind === 'held');
  const edit = { seq: 0, before: 'old', text: 'new' };
  client.setDraft('crew', { text: '', replyTo: null, edit, selection: [1, 2] });
  client.unsend('crew');
  await until(() => draftOf(client) === 'no');
  expect(client.draft('crew').record).toMatchObject({ text: 'no', edit, selection: [1, 2] });
});

test('of several the newest one is taken back, or the one that is meant', async () => {
  const { client, timeline } = await opened();
  for (const text of ['one', 'two', 'three']) client.send('crew', text);
  await until(() => holds().length === 3);
  client.unsend('crew');
  const one = client.doing.get().find(({ text }) => text === 'one');
  client.unsend('crew', one?.clientId);
  await until(() => holds().length === 1);
  expect(waiting(timeline)).toEqual(['two']);
  expect(draftOf(client)).toBe('one\n\nthree');
});

test('without a connection it waits here, and is taken back without anybody hearing of it', async () => {
  const { client, timeline } = await opened();
  browser.network(false);
  client.send('crew', 'hello');
  await pass(2_000);
  const asked = server.requests.length;
  client.unsend('crew');
  await pass(2_000);
  expect(waiting(timeline)).toEqual([]);
  browser.network(true);
  await until(() => client.status.get() === 'online');
  await pass(5_000);
  expect(server.requests.slice(asked).filter((request) => request.startsWith('POST /v1/chats'))).toEqual([]);
  expect(draftOf(client)).toBe('hello');
  expect(client.doing.get()).toEqual([]);
});

test('taken back while nobody knows whether it arrived it is found and never sent', async () => {
  const { client } = await opened();
  server.fate = () => 'unanswered';
  client.send('crew', 'hello');
  await until(() => holds().length === 1);
  await pass(50);
  client.unsend('crew');
  server.calm();
  await until(() => holds().length === 0 && client.doing.get().length === 0);
  expect(crew.written).toEqual([]);
  expect(refusals).toEqual([]);
});

test('taken back while it is on its way it is not held any more once the answer is there', async () => {
  const { client } = await opened();
  server.lag = () => 300;
  client.send('crew', 'hello');
  await until(() => holds().length === 1);
  expect(client.doing.get()[0]?.state).toBe('sending');
  client.unsend('crew');
  await until(() => draftOf(client) === 'hello');
  await until(() => holds().length === 0 && client.doing.get().length === 0);
  expect(crew.written).toEqual([]);
});

test('too late is told, and no word is lost', async () => {
  const { client, timeline } = await opened();
  client.send('crew', 'hello');
  await until(() => client.doing.get()[0]?.kind === 'held');
  server.loses = () => true;
  server.sendHeld();
  client.unsend('crew');
  await until(() => refusals.length === 1);
  expect(refusals).toEqual(['already_sent']);
  server.calm();
  crew.send('bo', 'next', 'b0');
  await until(() => texts(timeline).join() === 'hello,next');
  expect(draftOf(client)).toBe('hello');
});

test('a reload keeps it, with the time it has, and what happened meanwhile is known', async () => {
  const before = await opened();
  before.client.send('crew', 'kept');
  before.client.send('crew', 'sent');
  await until(() => before.client.doing.get().filter(({ kind }) => kind === 'held').length === 2);
  const end = before.client.doing.get()[0]?.hold?.until;
  browser.closeTabs();
  server.held = server.held.filter(({ text }) => text === 'kept');
  crew.send('ada', 'sent', before.client.doing.get()[1]?.clientId ?? '');
  const { client, timeline } = await opened();
  await until(() => texts(timeline).join() === 'sent,kept');
  expect(waiting(timeline)).toEqual(['kept']);
  expect(client.doing.get()[0]?.hold?.until).toBe(end);
  await pass(12_000);
  await until(() => client.doing.get().length === 1);
  client.unsend('crew');
  await until(() => holds().length === 0 && client.doing.get().length === 0);
});

test('an event that was lost is made up for by asking', async () => {
  const { client, timeline } = await opened();
  client.send('crew', 'hello');
  await until(() => client.doing.get()[0]?.kind === 'held');
  server.loses = () => true;
  server.sendHeld();
  await pass(12_000);
  await until(() => client.doing.get().length === 0 && texts(timeline).length === 1);
});

test('what could not be sent says why, and can be tried again or thrown away', async () => {
  const { client, timeline } = await opened();
  for (const text of ['again', 'away']) client.send('crew', text);
  await until(() => client.doing.get().filter(({ kind }) => kind === 'held').length === 2);
  server.sendHeld('not_found');
  await pass(12_000);
  await until(() => client.waiting.get().filter(({ state }) => state === 'failed').length === 2);
  expect(client.waiting.get()[0]).toMatchObject({ code: 'not_found' });
  const [again, away] = client.waiting.get();
  client.discard('crew', away?.clientId ?? '');
  client.retry('crew', again?.clientId ?? '');
  await until(() => server.held.length === 1 && server.held[0]?.state === 'waiting');
  server.sendHeld();
  await until(() => texts(timeline).length === 1);
  expect(texts(timeline)).toEqual(['again']);
  expect(draftOf(client)).toBe('');
});

test('two tabs: one sends, the other takes back', async () => {
  const { client } = await opened();
  const other = await browser.liveTab();
  await until(() => other.settings.get().undo_s === 10);
  server.lag = () => 200;
  client.send('crew', 'on its way');
  await until(() => other.doing.get().length === 1);
  other.unsend('crew');
  await until(() => client.doing.get().length === 0 && other.doing.get().length === 0);
  await pass(5_000);
  expect([holds(), crew.written]).toEqual([[], []]);
  expect(draftOf(other)).toBe('on its way');
});

test('what is set is on all devices at once, and here without a connection', async () => {
  const { client } = await opened();
  const other = await browser.liveTab();
  void client.set({ undo_s: 30 });
  await until(() => other.settings.get().undo_s === 30);
  browser.closeTabs();
  server.isUp = false;
  const next = browser.tab();
  await until(() => next.settings.get().undo_s === 30);
});

test('who holds nothing sends as ever', async () => {
  server.settings.clear();
  const client = await browser.liveTab();
  client.send('crew', 'at once');
  await until(() => crew.written.length === 1);
  expect(client.unsend('crew')).toBe(false);
});
