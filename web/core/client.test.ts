import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Draft } from './types';
import { deadSocket, FakeBrowser, pass, texts, until, waiting } from './testing/browser';
import { FakeServer } from './testing/fake_server';

const draft = (text: string, over: Partial<Draft> = {}): Draft => ({ text, replyTo: null, edit: null, selection: [text.length, text.length], ...over });

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

test('what others write appears, and my own message is shown before it is sent', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  crew.send('bo', 'hello', 'b0');
  const client = await browser.liveTab();
  const timeline = client.openTimeline('crew');
  await until(() => texts(timeline).length === 1);
  crew.send('bo', 'are you there?', 'b1');
  await until(() => texts(timeline).length === 2);
  client.send('crew', 'yes');
  await Promise.resolve();
  expect(waiting(timeline)).toEqual(['yes']);
  await until(() => waiting(timeline).length === 0);
  expect(texts(timeline)).toEqual(['hello', 'are you there?', 'yes']);
  expect(client.chats.get()[0]).toMatchObject({ unread: 0, last_message: { text: 'yes' } });
});

test('a chat that came before this device knew whose it is stays: it is of no other history', async () => {
  server.chat('crew', 'ada', 'bo');
  const client = browser.tab();
  const shown: unknown[] = [];
  const chat = client.chat('crew');
  chat.subscribe((now) => shown.push(now && now.id));
  await until(() => client.status.get() === 'online');
  await pass(2_000);
  expect(new Set(shown)).toEqual(new Set(['crew']));
});

test('a tab that was closed before it knew which history it is of leaves no copy of another one behind', async () => {
  server.chat('crew', 'ada', 'bo').send('ada', 'as it was', 'a0');
  const open = vi.spyOn(server, 'open').mockImplementation(deadSocket);
  const closed = browser.tab();
  await until(() => closed.chats.get().length === 1);
  closed.setDraft('crew', draft('under it', { edit: { seq: 0, before: 'as it was', text: 'as it shall be' } }));
  await pass(1_000);
  browser.closeTabs();
  open.mockRestore();
  const next = await browser.liveTab();
  await pass(1_000);
  expect(next.drafts.get().get('crew')).toMatchObject({ text: 'under it', edit: { seq: 0, text: 'as it shall be' } });
});

test('while the server is away no socket after the first is tried in vain, for browsers make such pages wait', async () => {
  const client = await browser.liveTab();
  const open = vi.spyOn(server, 'open');
  server.isUp = false;
  for (const socket of [...server.sockets]) socket.break(1006);
  await pass(60_000);
  expect(client.status.get()).toBe('offline');
  expect(open).toHaveBeenCalledTimes(1);
  server.isUp = true;
  await until(() => client.status.get() === 'online');
  expect(open).toHaveBeenCalledTimes(2);
});

test('what is unread comes from the server once, then from memory, also without a connection', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  for (let n = 0; n < 30; n += 1) crew.send('bo', `n${n}`, `b${n}`);
  const client = await browser.liveTab();
  const above = async (seq: number): Promise<string[]> => {
    let found: string[] | undefined;
    void client.messagesAfter('crew', seq).then((messages) => (found = messages.map(({ text }) => text)));
    await until(() => found !== undefined);
    return found ?? [];
  };
  expect(await above(4)).toEqual(Array.from({ length: 20 }, (_, n) => `n${n + 5}`));
  expect(await above(29)).toEqual([]);
  server.isUp = false;
  expect(await above(4)).toHaveLength(20);
  expect(await above(0)).toEqual(Array.from({ length: 16 }, (_, n) => `n${n + 5}`));
});

test('three messages written offline arrive once and in order when the network is back', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  const client = await browser.liveTab();
  const timeline = client.openTimeline('crew');
  browser.network(false);
  for (const text of ['one', 'two', 'three']) client.send('crew', text);
  await pass(5_000);
  expect(client.status.get()).toBe('offline');
  expect(waiting(timeline)).toEqual(['one', 'two', 'three']);
  browser.network(true);
  await until(() => waiting(timeline).length === 0);
  expect(crew.messages.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  expect(texts(timeline)).toEqual(['one', 'two', 'three']);
});

test('a tab that was closed offline hands its messages to the next one, which shows the chat before the network', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  crew.send('bo', 'remember me', 'b0');
  const closed = await browser.liveTab();
  await until(() => closed.chats.get().length === 1);
  browser.network(false);
  closed.send('crew', 'from the closed tab');
  await pass(1_000);
  await closed.activity(false);
  browser.closeTabs();
  const next = browser.tab();
  await until(() => next.chats.get().length === 1);
  const timeline = next.openTimeline('crew');
  await until(() => texts(timeline).length === 2);
  expect(texts(timeline)).toEqual(['remember me', 'from the closed tab']);
  browser.network(true);
  await until(() => waiting(timeline).length === 0);
  expect(crew.messages.map(({ text }) => text)).toEqual(['remember me', 'from the closed tab']);
});

test('an edit that was missed while the tab was closed is seen in what this device kept', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  crew.send('bo', 'first', 'b0');
  crew.send('bo', 'last', 'b1');
  const closed = await browser.liveTab();
  const before = closed.openTimeline('crew');
  await until(() => texts(before).length === 2);
  await pass(1_000);
  browser.closeTabs();
  crew.edit(0, 'first, corrected');
  // This tab learns of the new number, and goes away before it can ask what changed.
  server.refuses = (path) => path.includes('/changes');
  const cut = await browser.liveTab();
  await until(() => cut.chats.get()[0]?.head_cseq === crew.head.cseq);
  await pass(1_000);
  browser.closeTabs();
  server.refuses = () => false;
  const next = await browser.liveTab();
  const timeline = next.openTimeline('crew');
  await until(() => texts(timeline)[0] === 'first, corrected');
  expect(texts(timeline)).toEqual(['first, corrected', 'last']);
});

test('an event that got lost is noticed by the next pong and fetched', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  const client = await browser.liveTab();
  client.focus(['crew']);
  const timeline = client.openTimeline('crew');
  server.loses = () => true;
  crew.send('bo', 'nobody heard this', 'b0');
  server.loses = () => false;
  await until(() => texts(timeline).length === 1, 700);
  expect(texts(timeline)).toEqual(['nobody heard this']);
});

test('a hole in the numbers is filled', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  const client = await browser.liveTab();
  const timeline = client.openTimeline('crew');
  crew.send('bo', 'one', 'b0');
  await until(() => texts(timeline).length === 1);
  server.loses = (event) => event.type === 'message_created' && event.seq === 1;
  crew.send('bo', 'two', 'b1');
  crew.send('bo', 'three', 'b2');
  await until(() => texts(timeline).length === 3 && !texts(timeline).includes('gap 1-1'));
  expect(texts(timeline)).toEqual(['one', 'two', 'three']);
});

test('a broken connection goes on where it broke', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  const client = await browser.liveTab();
  const timeline = client.openTimeline('crew');
  const lists = (): number => server.requests.filter((request) => request.startsWith('GET /v1/chats?')).length;
  await pass(1_000);
  const before = lists();
  server.breakSockets();
  await until(() => client.status.get() === 'online');
  crew.send('bo', 'after the break', 'b0');
  await until(() => texts(timeline).length === 1);
  expect(lists()).toBe(before);
});

test('after a long absence the newest messages are shown with a gap before them, which can be filled', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  crew.send('bo', 'm0', 'b0');
  const client = await browser.liveTab();
  const timeline = client.openTimeline('crew');
  await until(() => texts(timeline).length === 1);
  server.forgetConnections();
  server.loses = () => true;
  for (let n = 1; n <= 1_000; n += 1) crew.send('bo', `m${n}`, `b${n}`);
  server.loses = () => false;
  server.breakSockets();
  await until(() => texts(timeline).at(-1) === 'm1000' && texts(timeline).at(-2) === 'm999');
  const gap = timeline.view.get().items.find((item) => 'gap' in item);
  expect(gap).toEqual({ gap: { from: 1, to: 950 } });
  void timeline.fill(1, 950);
  await until(() => texts(timeline)[2] === 'm901');
  expect(texts(timeline).slice(0, 2)).toEqual(['m0', 'gap 1-900']);
});

test('two tabs send each message once, and both show it', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  const [left, right] = [await browser.liveTab(), await browser.liveTab()];
  const timelines = [left.openTimeline('crew'), right.openTimeline('crew')];
  left.send('crew', 'from the left');
  right.send('crew', 'from the right');
  await until(() => timelines.every((timeline) => texts(timeline).length === 2 && waiting(timeline).length === 0));
  expect(crew.messages.map(({ text }) => text).sort()).toEqual(['from the left', 'from the right']);
  expect(server.requests.filter((request) => request.startsWith('POST /v1/chats/')).length).toBe(2);
});

test('a message that is refused for good stays with its reason until it is discarded', async () => {
  server.chat('crew', 'ada', 'bo');
  const client = await browser.liveTab();
  const timeline = client.openTimeline('crew');
  client.send('crew', 'forbidden');
  const failed = () => timeline.view.get().items.flatMap((item) => ('waiting' in item && item.waiting.state === 'failed' ? [item.waiting] : []))[0];
  await until(() => failed() !== undefined);
  expect(failed()?.reason).toBe('Refused: text_empty.');
  client.discard('crew', failed()?.clientId ?? '');
  await until(() => texts(timeline).length === 0);
});

test('who is added sees the chat, who is removed loses it', async () => {
  const client = await browser.liveTab();
  expect(client.chats.get()).toEqual([]);
  const crew = server.chat('crew', 'bo', 'ada');
  await until(() => client.chats.get().length === 1);
  crew.remove('ada');
  await until(() => client.chats.get().length === 0);
  expect(client.chat('crew').get()).toBeNull();
});

test('who was removed while away loses the chat at the next look', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  const closed = await browser.liveTab();
  await until(() => closed.chats.get().length === 1);
  await pass(1_000);
  browser.closeTabs();
  crew.remove('ada');
  const next = browser.tab();
  await until(() => next.status.get() === 'online' && next.chats.get().length === 0);
});

test('what was read offline is told when the network is back', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  crew.send('bo', 'read me', 'b0');
  const client = await browser.liveTab();
  browser.network(false);
  client.markRead('crew', 0);
  expect(client.chats.get()[0]?.unread).toBe(0);
  await pass(2_000);
  expect(crew.as('ada').read_seq).toBe(-1);
  browser.network(true);
  await until(() => crew.as('ada').read_seq === 0);
});

test('a session that ended says so and does not come back', async () => {
  server.chat('crew', 'ada', 'bo');
  const client = await browser.liveTab();
  server.signedIn = null;
  for (const socket of [...server.sockets]) socket.break(4006);
  await until(() => client.status.get() === 'signed-out');
  const asked = server.requests.length;
  await pass(120_000);
  expect(server.requests.length).toBe(asked);
});

test('signing out leaves nothing of the person on the device', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  crew.send('bo', 'secret', 'b0');
  const client = await browser.liveTab();
  client.setDraft('crew', draft('half a'));
  await pass(1_000);
  await client.signOut();
  expect(client.status.get()).toBe('signed-out');
  expect(client.chats.get()).toEqual([]);
  expect(browser.hasShell).toBe(false);
  expect((await indexedDB.databases()).map(({ name }) => name)).toEqual(['petit']);
});

test('another person on the same device sees nothing of the one before', async () => {
  server.chat('crew', 'ada', 'bo').send('bo', 'for ada', 'b0');
  await browser.liveTab();
  await pass(1_000);
  browser.closeTabs();
  server.signedIn = server.person('eve').id;
  const client = await browser.liveTab();
  expect(client.me.get()?.id).toBe('eve');
  expect(client.chats.get()).toEqual([]);
  expect((await indexedDB.databases()).map(({ name }) => name).sort()).toEqual(['petit', 'petit-user-eve']);
});

test('without storage everything works but the memory of it', async () => {
  vi.stubGlobal('indexedDB', { open: () => { throw new Error('not here'); } });
  const crew = server.chat('crew', 'ada', 'bo');
  const client = await browser.liveTab();
  const timeline = client.openTimeline('crew');
  client.send('crew', 'no disk');
  await until(() => waiting(timeline).length === 0 && texts(timeline).length === 1);
  expect(crew.messages.length).toBe(1);
});

test('a draft comes back in the next tab, and not after it was sent', async () => {
  server.chat('crew', 'ada', 'bo');
  const first = await browser.liveTab();
  first.setDraft('crew', draft('half a thought'));
  await pass(500);
  browser.closeTabs();
  const second = await browser.liveTab();
  expect(second.drafts.get().get('crew')).toMatchObject(draft('half a thought'));
  second.setDraft('crew', null);
  await pass(500);
  browser.closeTabs();
  const third = await browser.liveTab();
  expect(third.drafts.get().size).toBe(0);
});

test('what only a newer server knows costs nothing and asks for nothing', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  const client = await browser.liveTab();
  client.focus(['crew']);
  await until(() => client.chats.get().length === 1);
  await pass(1_000);
  const asked = server.requests.length;
  for (let n = 0; n < 5; n += 1) crew.invent();
  crew.rename('After');
  await until(() => client.chat('crew').get()?.name === 'After');
  await pass(1_000);
  expect(client.chat('crew').get()?.head_cseq).toBe(crew.head.cseq);
  expect(server.requests.slice(asked)).toEqual([]);
});

test('where the server does not know any more what changed, the chat is fetched anew', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  crew.send('bo', 'first', 'b0');
  const closed = await browser.liveTab();
  const before = closed.openTimeline('crew');
  await until(() => texts(before).length === 1);
  await pass(1_000);
  browser.closeTabs();
  crew.edit(0, 'corrected');
  crew.join(server.person('cy'));
  crew.rename('New');
  crew.forgetChanges(crew.head.cseq - 1);
  const client = await browser.liveTab();
  const timeline = client.openTimeline('crew');
  const members = client.members('crew');
  await until(() => texts(timeline)[0] === 'corrected' && members.get().length === 3);
  expect(client.chat('crew').get()).toMatchObject({ name: 'New', member_count: 3 });
});

for (const [how, isOpen] of [['the tab stayed open', true], ['it was closed meanwhile', false]] as const) {
  for (const said of [0, 2, 3, 6]) {
    test(`after a restore a client shows what the server has, not what it kept: ${how}, ${said} messages since`, async () => {
      const crew = server.chat('crew', 'ada', 'bo');
      crew.send('bo', 'kept', 'k');
      const restore = server.backUp();
      let client = await browser.liveTab();
      let timeline = client.openTimeline('crew');
      for (const n of [0, 1, 2]) crew.send('bo', `lost ${n}`, `l${n}`);
      crew.rename('Lost');
      crew.join(server.person('cy'));
      await until(() => texts(timeline).length === 4 && client.members('crew').get().length === 3);
      client.setDraft('crew', draft('half a thought'));
      await pass(1_000);
      if (!isOpen) browser.closeTabs();
      else browser.network(false);
      client.send('crew', 'written meanwhile');
      await pass(1_000);
      restore();
      for (let n = 0; n < said; n += 1) crew.send('bo', `new ${n}`, `n${n}`);
      if (said > 0) crew.rename('New');
      if (isOpen) browser.network(true);
      else {
        client = browser.tab();
        timeline = client.openTimeline('crew');
      }
      await until(() => client.status.get() === 'online');
      const truth = (): string[] => crew.messages.map(({ text }) => text);
      await until(() => JSON.stringify(texts(timeline)) === JSON.stringify(truth()) && waiting(timeline).length === 0);
      const { read_seq, unread, ...shown } = crew.as('ada');
      await until(() => client.chat('crew').get()?.head_seq === crew.head.seq);
      expect(client.chat('crew').get()).toMatchObject(shown);
      await until(() => client.members('crew').get().length === crew.members.size);
      expect(client.drafts.get().get('crew')?.text).toBe('half a thought');
      expect(unread).toBe(crew.unread(read_seq));
      await pass(1_000);
      browser.closeTabs();
      const again = await browser.liveTab();
      const later = again.openTimeline('crew');
      await until(() => JSON.stringify(texts(later)) === JSON.stringify(truth()));
    });
  }
}

test('a marker that was moved on another device shows in time although the word of it was lost', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  crew.send('bo', 'read me', 'b0');
  const client = await browser.liveTab();
  await until(() => client.chat('crew').get()?.unread === 1);
  await pass(1_000);
  server.loses = ({ type }) => type === 'read_marker_moved';
  crew.mark('ada', 0);
  await pass(60_000);
  expect(client.chat('crew').get()?.unread).toBe(1);
  for (let minute = 0; minute < 6; minute += 1) await pass(60_000);
  expect(client.chat('crew').get()?.unread).toBe(0);
});

test('edits and deletions made offline show at once and are there once the network is back', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  for (const text of ['one', 'two', 'three']) crew.send('ada', text, text);
  const client = await browser.liveTab();
  const timeline = client.openTimeline('crew');
  await until(() => texts(timeline).length === 3);
  browser.network(false);
  await client.edit('crew', 0, 'one, better');
  await client.delete('crew', 1);
  expect(texts(timeline)).toEqual(['one, better', '', 'three']);
  await pass(2_000);
  browser.closeTabs();
  const next = browser.tab();
  await until(() => next.chats.get().length === 1);
  const again = next.openTimeline('crew');
  await until(() => texts(again).length === 3);
  await until(() => texts(again)[0] === 'one, better');
  expect(crew.messages[0]?.text).toBe('one');
  browser.network(true);
  await until(() => next.waiting.get().length === 0 && next.status.get() === 'online');
  expect(crew.messages.map(({ text, deleted }) => [text, deleted])).toEqual([['one, better', false], ['', true], ['three', false]]);
  expect(texts(again)).toEqual(['one, better', '', 'three']);
});

test('words for a chat one was removed from stay in the list of what waits', async () => {
  const crew = server.chat('crew', 'ada', 'bo');
  const client = await browser.liveTab();
  await until(() => client.chats.get().length === 1);
  browser.network(false);
  client.send('crew', 'for those who are left');
  crew.remove('ada');
  browser.network(true);
  await until(() => client.waiting.get()[0]?.state === 'failed' && client.chats.get().length === 0);
  expect(client.waiting.get()).toMatchObject([{ kind: 'message', text: 'for those who are left', title: 'crew', code: 'not_found' }]);
  client.discard('crew', client.waiting.get()[0]?.clientId ?? '');
  await until(() => client.waiting.get().length === 0);
});

const onDisk = async (user: string, store: string): Promise<unknown[]> => {
  const db = await openDB(`petit-user-${user}`);
  const all = db.objectStoreNames.contains(store) ? ((await db.getAll(store)) as unknown[]) : [];
  db.close();
  return all;
};

test('a session ended elsewhere takes what can be read at once, and keeps words for the same person', async () => {
  server.chat('crew', 'ada', 'bo').send('bo', 'secret', 'b0');
  const client = await browser.liveTab();
  const timeline = client.openTimeline('crew');
  await until(() => texts(timeline).length === 1);
  client.setDraft('crew', draft('', { edit: { seq: 0, text: 'edited half', before: 'secret' } }));
  await pass(1_000);
  browser.network(false);
  client.send('crew', 'not sent');
  await pass(1_000);
  server.signedIn = null;
  browser.network(true);
  await until(() => client.status.get() === 'signed-out');
  expect(client.parting).toEqual({ unsent: 1, drafts: 1 });
  expect(browser.hasShell).toBe(false);
  for (const store of ['chats', 'messages', 'people', 'kv']) expect(await onDisk('ada', store)).toEqual([]);
  browser.closeTabs();
  // Nobody is signed in: nothing is shown, and why is still known.
  const nobody = browser.tab();
  await until(() => nobody.status.get() === 'signed-out');
  expect(nobody.parting).toEqual({ unsent: 1, drafts: 1 });
  expect([nobody.chats.get(), nobody.waiting.get(), [...nobody.drafts.get()]]).toEqual([[], [], []]);
  browser.closeTabs();
  // Somebody else uses the device, and leaves.
  server.person('eve');
  server.signedIn = 'eve';
  const eve = await browser.liveTab();
  expect([eve.waiting.get(), [...eve.drafts.get()]]).toEqual([[], []]);
  await eve.signOut();
  browser.closeTabs();
  server.signedIn = 'ada';
  const again = await browser.liveTab();
  await until(() => server.chats.get('crew')?.messages.at(-1)?.text === 'not sent');
  expect(again.drafts.get().get('crew')?.edit).toMatchObject({ text: 'edited half' });
});

test('the other tabs of a session that ended show nothing any more', async () => {
  server.chat('crew', 'ada', 'bo');
  const first = await browser.liveTab();
  const second = await browser.liveTab();
  server.signedIn = null;
  [...server.sockets][0]?.break(4006);
  await until(() => first.status.get() === 'signed-out' && second.status.get() === 'signed-out');
  expect(second.chats.get()).toEqual([]);
});

test('who signs out and keeps their words finds them after signing in again', async () => {
  server.chat('crew', 'ada', 'bo').send('bo', 'secret', 'b0');
  const client = await browser.liveTab();
  await until(() => client.chats.get().length === 1);
  client.setDraft('crew', draft('half a thought'));
  await client.signOut(true);
  expect(await onDisk('ada', 'chats')).toEqual([]);
  browser.closeTabs();
  server.signedIn = 'ada';
  const again = await browser.liveTab();
  expect(again.drafts.get().get('crew')?.text).toBe('half a thought');
});

test('who signs out and throws their words away leaves nothing, not even what the page kept as it went', async () => {
  server.chat('crew', 'ada', 'bo');
  const client = await browser.liveTab();
  client.setDraft('crew', draft('half a thought'));
  browser.hide();
  await client.signOut(false);
  expect(browser.storage.length).toBe(0);
  expect((await indexedDB.databases()).map(({ name }) => name)).toEqual(['petit']);
});

test('a storage that takes nothing is told', async () => {
  server.chat('crew', 'ada', 'bo');
  const client = await browser.liveTab();
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  client.setDraft('crew', draft('where would it go?'));
  await until(() => client.keeping.get() === 'full');
  vi.restoreAllMocks();
  client.setDraft('crew', draft('there is room again'));
  await until(() => client.keeping.get() === 'kept');
});

test('words thrown away in one tab are kept by no other', async () => {
  server.chat('crew', 'ada', 'bo');
  const first = await browser.liveTab();
  const second = await browser.liveTab();
  second.setDraft('crew', draft('written in the other tab'));
  const leaving = first.signOut(false);
  await pass(10);
  for (const socket of [...server.sockets]) socket.break(4006);
  await leaving;
  await until(() => second.status.get() === 'signed-out');
  expect(second.parting).toBeNull();
  expect(browser.storage.length).toBe(0);
  expect((await indexedDB.databases()).map(({ name }) => name)).toEqual(['petit']);
});

test('somebody who does not want to wait is not made to', async () => {
  server.chat('crew', 'ada', 'bo');
  server.isUp = false;
  const stranger = browser.tab();
  await pass(60_000);
  server.isUp = true;
  const asked = server.requests.length;
  stranger.tryNow();
  await pass(100);
  expect(server.requests.length).toBeGreaterThan(asked);
  await until(() => stranger.status.get() === 'online');
  server.isUp = false;
  for (const socket of [...server.sockets]) socket.break(1006);
  await pass(120_000);
  expect(stranger.status.get()).toBe('offline');
  server.isUp = true;
  stranger.tryNow();
  await pass(100);
  expect(stranger.status.get()).toBe('online');
});
