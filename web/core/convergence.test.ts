import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { Client } from './index';
import { FakeBrowser, texts, until, waiting } from './testing/browser';
import type { FakeChat } from './testing/fake_chat';
import { FakeServer, type Fate } from './testing/fake_server';

/** Something that happens to a client, to the others, or to the network. */
type Step = { act: string; n: number };

const acts = ['say', 'others say', 'edit', 'delete', 'rename', 'join', 'leave', 'invent', 'read', 'break', 'restart', 'dark', 'light', 'reload', 'wait', 'line', 'aside', 'aside line', 'aside delete', 'aside read'];
const step = fc.record({ act: fc.constantFrom(...acts), n: fc.nat(5) });
const fates = fc.array(fc.constantFrom<Fate>('works', 'works', 'lost', 'unanswered'), { maxLength: 20 });
const losses = fc.array(fc.boolean(), { maxLength: 40 });
const lags = fc.array(fc.constantFrom(0, 0, 40, 400), { maxLength: 40 });

class Story {
  readonly server = new FakeServer();
  readonly browser = new FakeBrowser(this.server);
  readonly crew: FakeChat;
  /** A chat that nobody here opens: only its row is kept. */
  readonly aside: FakeChat;
  readonly said: string[] = [];
  client!: Client;

  constructor(fate: Fate[], lost: boolean[], lags: number[]) {
    this.server.person('ada');
    this.server.signedIn = 'ada';
    this.crew = this.server.chat('crew', 'ada', 'bo');
    this.aside = this.server.chat('aside', 'ada', 'bo');
    const fateList = [...fate];
    const lossList = [...lost];
    const lagList = [...lags];
    this.server.fate = () => fateList.shift() ?? 'works';
    this.server.lag = () => lagList.shift() ?? 0;
    this.server.loses = () => lossList.shift() ?? false;
  }

  open(): void {
    this.client = this.browser.tab();
    this.client.focus(['crew']);
  }

  async take({ act, n }: Step): Promise<void> {
    const { crew, aside, server, browser } = this;
    const texts = crew.messages.filter(({ kind }) => kind === 'text');
    const some = texts[n % Math.max(1, texts.length)]?.seq ?? -1;
    if (act === 'say' && this.client.me.get()) {
      this.said.push(`mine ${this.said.length}`);
      this.client.send('crew', this.said.at(-1) as string);
    }
    if (act === 'others say') for (let at = 0; at <= n; at += 1) crew.send('bo', `theirs ${crew.messages.length}`, `b${crew.messages.length}`);
    if (act === 'edit' && some >= 0 && !crew.messages[some]?.deleted) crew.edit(some, `edited ${crew.head.cseq}`);
    if (act === 'delete' && some >= 0 && !crew.messages[some]?.deleted) crew.delete(some);
    if (act === 'rename') crew.rename(`crew ${crew.head.cseq}`);
    if (act === 'join') crew.join(server.person(`guest${n}`));
    if (act === 'leave' && crew.members.has(`guest${n}`)) crew.remove(`guest${n}`);
    if (act === 'invent') crew.invent();
    if (act === 'line') line(crew);
    if (act === 'aside') for (let at = 0; at <= n; at += 1) aside.send('bo', 'aside', `a${aside.messages.length}`);
    if (act === 'aside line') line(aside);
    if (act === 'aside delete') for (const one of aside.messages.slice(-n)) if (one.kind === 'text' && !one.deleted) aside.delete(one.seq);
    if (act === 'aside read') aside.mark('ada', aside.head.seq - n);
    if (act === 'read') this.client.markRead('crew', crew.head.seq);
    if (act === 'break') server.breakSockets();
    if (act === 'restart') server.restart();
    if (act === 'dark') browser.network(false);
    if (act === 'light') browser.network(true);
    if (act === 'reload') await this.#reload();
    for (let turn = 0; turn < n; turn += 1) {
      await vi.advanceTimersByTimeAsync(n * 97);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** A tab that is hidden writes what waits, then goes. */
  async #reload(): Promise<void> {
    this.client.activity(false);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    this.browser.closeTabs();
    this.open();
  }
}

test('whatever happens, a client ends with what a fresh one fetches, and every message it wrote is there once, in order', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const story = fc.tuple(fc.array(step, { maxLength: 25 }), fates, losses, lags);
  await fc.assert(
    fc.asyncProperty(story, async ([steps, fate, lost, lag]) => {
      const it = new Story(fate, lost, lag);
      it.open();
      await until(() => it.client.me.get() !== null);
      for (const one of steps) await it.take(one);
      it.browser.network(true);
      it.server.calm();
      const timeline = it.client.openTimeline('crew');
      const members = it.client.members('crew');
      await until(() => it.client.status.get() === 'online');
      const truth = () => it.crew.messages.map(({ text }) => text);
      await until(() => JSON.stringify(texts(timeline)) === JSON.stringify(truth()) && waiting(timeline).length === 0, 800);
      await until(() => it.client.chat('crew').get()?.head_cseq === it.crew.head.cseq, 800);
      expect(it.client.chat('crew').get()).toEqual({ ...it.crew.as('ada'), ...readOf(it.client) });
      it.client.focus(['crew', 'aside']);
      await until(() => it.client.chat('aside').get()?.head_seq === it.aside.head.seq, 800);
      await until(() => unreadOf(it.client, it.aside) === null);
      expect(unreadOf(it.client, it.crew)).toBeNull();
      await until(() => members.get().length === it.crew.members.size);
      expect(it.crew.written.filter(({ author }) => author === 'ada').map(({ text }) => text)).toEqual(it.said);
      it.browser.closeTabs();
    }),
    { numRuns: Number(process.env['PETIT_RUNS'] ?? 60) },
  );
  vi.useRealTimers();
});

/** What a client shows as unread, if that is not what there is above its marker. */
function unreadOf(client: Client, chat: FakeChat): string | null {
  const row = client.chat(chat.id).get();
  const truth = row && chat.unread(row.read_seq);
  return row?.unread === truth ? null : `${row?.unread} unread above ${row?.read_seq} of ${row?.head_seq}, not ${truth}`;
}

function line(chat: FakeChat): void {
  chat.send('bo', '', `line ${chat.messages.length}`, { kind: 'member_joined', subject: 'bo' });
}

/** Markers are told a moment later; that they arrive has a test of its own. */
function readOf(client: Client): { read_seq: number; unread: number } {
  const chat = client.chat('crew').get();
  return { read_seq: chat?.read_seq ?? -1, unread: chat?.unread ?? 0 };
}
