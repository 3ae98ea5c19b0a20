import assert from 'node:assert/strict';
import { eventually } from '../check.js';
import { twoPeople } from './world.js';

/** Notices as the page makes them, in the place of the system's. */
function stub() {
  window.notices = [];
  window.Notification = class extends EventTarget {
    /** As long as a browser remembers it: in every tab. */
    static get permission() {
      return localStorage.getItem('e2e-permission') ?? 'default';
    }
    static async requestPermission() {
      localStorage.setItem('e2e-permission', 'granted');
      return this.permission;
    }
    constructor(title, { body }) {
      super();
      this.told = { title, body, closed: false };
      window.notices.push(this);
    }
    close() {
      this.told.closed = true;
    }
  };
}

const toldOn = (page) => page.evaluate(() => window.notices.map(({ told }) => told));
const told = async (...pages) => (await Promise.all(pages.map(toldOn))).flat();

async function allow({ page, server }) {
  await page.goto(`${server.url}/settings/notices`);
  await page.getByRole('button', { name: 'Allow notifications' }).click();
  await page.getByRole('checkbox', { name: 'Show notifications' }).and(page.locator(':checked')).waitFor();
}

export async function a_message_to_me_is_told_once_where_i_do_not_look(story) {
  const { ada, chat, server } = await twoPeople(story);
  await ada.context.addInitScript(stub);
  await allow(ada);
  const { id } = await server.ask('bo', 'POST', '/v1/chats', { kind: 'direct', members: [(await server.person('ada')).id] });
  const say = (text, to = id) => server.ask('bo', 'POST', `/v1/chats/${to}/messages`, { text, client_id: crypto.randomUUID() });
  const first = ada.page;
  await first.goto(`${server.url}/c/${chat.id}`);
  await ada.composer.waitFor();
  const second = await ada.newPage();
  await second.goto(server.url);
  await ada.row('Bo Lindqvist').waitFor();
  // What came while the page was away is no news: it is not known from when on it is.
  await eventually(
    async () => {
      await say('are you there?');
      return (await told(first, second)).length;
    },
    (count) => count > 0,
    'a direct message is told',
  );
  assert.equal((await Promise.all([first, second].map(toldOn))).filter(({ length }) => length > 0).length, 1, 'by one tab');
  const [notice] = await told(first, second);
  assert.deepEqual([notice.title, notice.body], ['Bo Lindqvist', 'are you there?']);

  // Nothing is told of what is said to everybody, and of what somebody looks at; a mention is.
  await say('good morning', chat.id);
  const third = await ada.newPage();
  await third.goto(`${server.url}/c/${id}`);
  await ada.message('are you there?').first().waitFor();
  const { head_seq: seq } = await server.ask('ada', 'GET', `/v1/chats/${id}`);
  await server.ask('ada', 'PUT', `/v1/chats/${id}/read-marker`, { seq });
  await eventually(async () => (await told(first, second)).every(({ closed }) => closed), true, 'a notice goes when it was read');
  await eventually(() => third.evaluate(async () => (await navigator.locks.query()).held.map(({ name }) => name)), (names) => names.includes(`petit-looking-${id}`), 'the other tabs know where somebody looks');
  await say('I see you look');
  // The tab that tells goes elsewhere without being loaded again; a mention is told after what came before it.
  await first.evaluate(() => document.querySelector('.icon-btn.back').click());
  await eventually(() => first.evaluate(async () => (await navigator.locks.query()).held.map(({ name }) => name)), (names) => !names.includes(`petit-looking-${chat.id}`), 'nobody looks at the group');
  await say('@ada look at the crane', chat.id);
  await eventually(async () => (await told(first, second, third)).at(-1).title, 'Bo Lindqvist in Harbour', 'a mention is told');
  const bodies = (await told(first, second, third)).map(({ body }) => body);
  assert.ok(!bodies.includes('good morning') && !bodies.includes('I see you look'), `nothing else is: ${bodies.join(', ')}`);
  // When that tab is closed another one tells.
  await first.close();
  await third.goto(`${server.url}/settings/notices`);
  await third.getByRole('checkbox', { name: 'Show what was written' }).uncheck();
  await eventually(
    async () => {
      await say('@ada not for everybody', chat.id);
      return (await told(second, third)).at(-1)?.body;
    },
    'New message',
    'what was written is kept back',
  );
}
