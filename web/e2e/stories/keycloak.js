import assert from 'node:assert/strict';
import { accessible } from '../axe.js';
import { Visitor, phone } from '../browser.js';
import { eventually } from '../check.js';
import { ClusterServer, LonelyServer, Realm } from '../cluster.js';

const names = { ada: 'Ada Holm', ben: 'Ben Ortega' };

async function world(told) {
  const server = await ClusterServer.start();
  told.after(() => server.down());
  const realm = new Realm(server.parts);
  await realm.tell(server.url);
  return { server, realm };
}

/** Signs in through Keycloak's own form. */
async function signIn(told, server, username) {
  const visitor = await Visitor.open(told.browser, server);
  told.after(() => visitor.context.close());
  const { page } = visitor;
  await page.goto(server.url);
  await page.locator('#username').fill(username);
  await page.locator('#password').fill(server.parts[`PERSON_${username.toUpperCase()}_PASSWORD`]);
  await page.locator('#kc-login').click();
  await page.getByRole('navigation', { name: 'Chats' }).waitFor();
  visitor.username = username;
  return visitor;
}

/** Asks as whoever the page belongs to. */
const ask = (visitor, method, path, body) => visitor.page.evaluate(async ([method, path, body]) => {
  const answer = await fetch(path, { method, headers: { 'content-type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return answer.json();
}, [method, path, body]);

export async function two_people_sign_in_through_keycloak_and_talk_live(told) {
  const { server } = await world(told);
  const [ada, ben] = [await signIn(told, server, 'ada'), await signIn(told, server, 'ben')];
  const [me, him] = [await ask(ada, 'GET', '/v1/me'), await ask(ben, 'GET', '/v1/me')];
  assert.deepEqual([me.name, me.role, him.name, him.role], [names.ada, 'owner', names.ben, 'member'], 'names and roles are those of the realm');
  await ask(ada, 'POST', '/v1/chats', { kind: 'group', name: 'Harbour', members: [him.id] });
  await ada.openChat('Harbour');
  await ben.openChat('Harbour');
  await ada.write('The ferry is late');
  await ben.message('The ferry is late').waitFor();
  await ben.write('How late?');
  await ada.message('How late?').waitFor();
  await ben.page.reload();
  await ben.message('The ferry is late').waitFor();
  assert.deepEqual([ada.complaints, ben.complaints], [[], []]);
}

export async function signing_out_ends_the_session_at_keycloak_too(told) {
  const { server } = await world(told);
  const ada = await signIn(told, server, 'ada');
  await ada.page.goto(`${server.url}/settings`);
  await ada.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await ada.page.waitForURL((url) => url.port === new URL(server.parts.KEYCLOAK).port || url.pathname === '/');
  await eventually(async () => (await ada.page.request.get(`${server.url}/v1/me`)).status(), 401, 'what she may see');
  // Another page: the first one is on its way somewhere.
  const page = await ada.context.newPage();
  await page.goto(`${server.url}/auth/sign-in`);
  await page.locator('#username').waitFor();
  assert.match(page.url(), /realms\/petit/u, 'nobody is signed in any more, here or there');
}

export async function an_administrator_of_keycloak_signs_somebody_out_everywhere(told) {
  const { server, realm } = await world(told);
  const [ada, ben] = [await signIn(told, server, 'ada'), await signIn(told, server, 'ben')];
  await realm.signOut('ben');
  await eventually(async () => (await ben.page.request.get(`${server.url}/v1/me`)).status(), 401, 'what ben may see');
  assert.equal((await ask(ada, 'GET', '/v1/me')).username, 'ada', 'and nobody else');
}

export async function a_sign_in_after_the_keys_were_changed_works(told) {
  const { server, realm } = await world(told);
  await signIn(told, server, 'ada');
  await realm.rotateKeys();
  await signIn(told, server, 'ben');
}

export async function without_the_provider_the_page_says_so_in_every_form(told) {
  const server = await LonelyServer.start();
  told.after(() => server.down());
  for (const [colorScheme, viewport] of [['light', undefined], ['dark', phone]]) {
    const visitor = await Visitor.open(told.browser, server, { colorScheme, ...(viewport ? { viewport } : {}) });
    told.after(() => visitor.context.close());
    const answer = await visitor.page.goto(`${server.url}/auth/sign-in`);
    assert.equal(answer.status(), 503);
    await visitor.page.getByText('The sign-in service does not answer').waitFor();
    await accessible(visitor.page, `the sign-in service is down, ${colorScheme}`);
  }
}
