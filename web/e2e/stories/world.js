import assert from 'node:assert/strict';
import { Visitor } from '../browser.js';
import { startServer } from '../profile.js';

/** A server where Ada and Bo have accounts and share the group "Harbour". */
export async function twoAccounts({ after }, start = startServer) {
  const server = await start();
  after(() => server.down());
  await server.addPerson('ada', 'Ada Holm');
  await server.addPerson('bo', 'Bo Lindqvist');
  const bo = await server.person('bo');
  const chat = await server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name: 'Harbour', members: [bo.id] });
  return { server, chat };
}

/** The same, and a browser for each. */
export async function twoPeople(told, start = startServer) {
  const { browser, after } = told;
  const { server, chat } = await twoAccounts(told, start);
  const visit = async (username, options) => {
    const visitor = await Visitor.open(browser, server, options);
    after(async () => {
      await visitor.close();
      assert.deepEqual(visitor.complaints, [], `${username}'s page complained`);
    });
    return visitor.signIn(username);
  };
  return { server, chat, ada: await visit('ada'), bo: await visit('bo'), visit };
}

/** Fills a chat by the API. Texts differ in height, so that nothing fits by chance. */
export async function fill(server, chat, count, text = (n) => `number ${n}${'\nand a line'.repeat(n % 4)}`) {
  const say = (n) => server.ask(n % 5 < 3 ? 'ada' : 'bo', 'POST', `/v1/chats/${chat.id}/messages`, { text: text(n), client_id: `n${n}` });
  for (let n = 0; n < count; n += 40) await Promise.all(Array.from({ length: Math.min(40, count - n) }, (_, i) => say(n + i)));
}

/** Reacts to a message by the API. */
export const react = (server, username, chat, seq, emoji) => server.ask(username, 'PUT', `/v1/chats/${chat}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`);

/** Rests a finger on something. */
export async function hold(page, target) {
  const touch = await page.context().newCDPSession(page);
  const { x, y, width, height } = await target.boundingBox();
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + width / 2, y: y + height / 2 }] });
  await page.waitForTimeout(600);
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  // What follows a lift is swallowed.
  await page.waitForTimeout(500);
}

/** Pins a message by the API. */
export const pin = (server, username, chat, seq) => server.ask(username, 'PUT', `/v1/chats/${chat}/messages/${seq}/pin`);

/** Saves a message by the API. */
export const save = (server, username, chat, seq) => server.ask(username, 'PUT', `/v1/chats/${chat}/messages/${seq}/saved`);

/** Reactions on the newest message of the group: those of others, and some of one's own. */
export async function reactedTo(server, chats) {
  const { id, head_seq } = chats.find(({ kind }) => kind === 'group');
  for (const username of ['bob', 'alice']) await react(server, username, id, head_seq, '👍🏽');
  await react(server, 'bob', id, head_seq, '🎉');
}
