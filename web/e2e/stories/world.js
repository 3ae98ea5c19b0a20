import assert from 'node:assert/strict';
import { Visitor } from '../browser.js';
import { startServer } from '../profile.js';

/** A server with Ada and Bo, who share the group "Harbour", and a browser for each. */
export async function twoPeople({ browser, after }) {
  const server = await startServer();
  after(() => server.down());
  await server.addPerson('ada', 'Ada Holm');
  await server.addPerson('bo', 'Bo Lindqvist');
  const bo = await server.person('bo');
  const chat = await server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name: 'Harbour', members: [bo.id] });
  const visit = async (username) => {
    const visitor = await Visitor.open(browser, server);
    after(async () => {
      await visitor.close();
      assert.deepEqual(visitor.complaints, [], `${username}'s page complained`);
    });
    return visitor.signIn(username);
  };
  return { server, chat, ada: await visit('ada'), bo: await visit('bo'), visit };
}
