import assert from 'node:assert/strict';
import { eventually } from '../check.js';
import { twoPeople } from './world.js';

/** What the list of chats shows: each section with the names in it. */
const listed = ({ page }) =>
  page.locator('.sect').evaluateAll((all) => all.map((one) => [one.querySelector('summary').textContent.trim(), ...[...one.querySelectorAll('.row-name')].map((name) => name.textContent)]));

const row = ({ page }, name) => page.locator('.row', { hasText: name });

async function choose(visitor, name, ...labels) {
  await row(visitor, name).click({ button: 'right' });
  for (const label of labels) await visitor.page.getByRole('menu').getByText(label, { exact: true }).click();
}

/** The number in the title of the tab; 0 without one. */
const inTitle = async ({ page }) => Number(/^\((\d+)\)/u.exec(await page.title())?.[1] ?? 0);

export async function chats_are_put_where_one_wants_them_on_all_devices(told) {
  const { ada, visit, server } = await twoPeople(told);
  for (const name of ['Lighthouse', 'Pier', 'Tide']) await server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name, members: [] });
  const phone = await visit('ada');
  await eventually(() => listed(ada), [['Chats', 'Tide', 'Pier', 'Lighthouse', 'Harbour']], 'as it was');
  await choose(ada, 'Pier', 'Add to favourites');
  await choose(ada, 'Tide', 'Move to section…', 'New section…');
  await ada.page.getByRole('dialog').getByLabel('Name').fill('Work');
  await ada.page.keyboard.press('Enter');
  await choose(ada, 'Lighthouse', 'Move to section…', 'Work');
  const wanted = [['Favourites', 'Pier'], ['Work', 'Tide', 'Lighthouse'], ['Chats', 'Harbour']];
  await eventually(() => listed(ada), wanted, 'on this device');
  await eventually(() => listed(phone), wanted, 'and on the other one');
  await choose(phone, 'Harbour', 'Hide until somebody writes');
  await eventually(() => listed(ada), wanted.slice(0, 2), 'without what is hidden');
  await ada.page.reload();
  await eventually(() => listed(ada), wanted.slice(0, 2), 'the same after a reload');
  // It is found and brought back, too.
  await ada.page.keyboard.press('Control+k');
  await ada.page.getByRole('combobox').fill('harbour');
  await ada.page.getByRole('option', { name: /Harbour/u }).first().click();
  await ada.page.getByRole('button', { name: 'Options' }).click();
  await ada.page.getByRole('menuitem', { name: 'Show in the list again' }).click();
  await eventually(() => listed(phone), wanted, 'brought back');
  await choose(ada, 'Harbour', 'Hide until somebody writes');
  await eventually(() => listed(phone), wanted.slice(0, 2), 'hidden again');
  const { items } = await server.ask('bo', 'GET', '/v1/chats');
  await server.ask('bo', 'POST', `/v1/chats/${items[0].id}/messages`, { text: 'ahoy', client_id: 'ahoy' });
  await eventually(() => listed(ada), wanted, 'until somebody writes there');
}

export async function a_choice_made_offline_shows_at_once_and_is_told_later(told) {
  const { ada, server, chat } = await twoPeople(told);
  await row(ada, 'Harbour').waitFor();
  await ada.context.setOffline(true);
  // By the keyboard alone.
  await row(ada, 'Harbour').focus();
  await ada.page.keyboard.press('Shift+F10');
  await ada.page.getByRole('menuitem', { name: 'Add to favourites' }).waitFor();
  await ada.page.keyboard.press('Enter');
  await eventually(() => listed(ada), [['Favourites', 'Harbour']], 'at once');
  await ada.context.setOffline(false);
  await eventually(async () => (await server.ask('ada', 'GET', `/v1/chats/${chat.id}`)).me?.favourite, true, 'and on the server');
}

export async function a_muted_chat_is_quiet_but_for_mentions(told) {
  const { ada, server, chat } = await twoPeople(told);
  const say = (text) => server.ask('bo', 'POST', `/v1/chats/${chat.id}/messages`, { text, client_id: crypto.randomUUID() });
  await say('one');
  await eventually(() => inTitle(ada), 1, 'in the title');
  await choose(ada, 'Harbour', 'Mute…', 'Until I turn it back on');
  await eventually(() => inTitle(ada), 0, 'not while it is muted');
  assert.match(await row(ada, 'Harbour').textContent(), /1 unread message, muted/u);
  await say('@ada two');
  await eventually(() => inTitle(ada), 1, 'a mention');
  await choose(ada, 'Harbour', 'Turn on again');
  await eventually(() => inTitle(ada), 2, 'all of it again');
  await choose(ada, 'Harbour', 'Notify about…', 'Mentions of you');
  await eventually(() => inTitle(ada), 1, 'mentions alone');
  assert.equal(await row(ada, 'Harbour').evaluate((one) => one.classList.contains('muted')), false);
}

export async function a_chat_is_called_unread_from_a_message_on(told) {
  const { ada, visit, server, chat } = await twoPeople(told);
  for (let n = 0; n < 10; n += 1) await server.ask('bo', 'POST', `/v1/chats/${chat.id}/messages`, { text: `number ${n}`, client_id: `n${n}` });
  await ada.openChat('Harbour');
  await ada.message('number 9').waitFor();
  const unread = () => row(ada, 'Harbour').locator('.count').allTextContents();
  await eventually(unread, [], 'all is read');
  await ada.message('number 6').click({ button: 'right' });
  await ada.page.getByRole('menu').getByText('Mark unread from here').click();
  await eventually(unread, ['4'], 'unread from there');
  const afterLine = () => ada.page.evaluate(() => document.querySelector('.log .line.new')?.nextElementSibling?.querySelector('.text')?.textContent.trim() ?? null);
  await eventually(afterLine, 'number 6', 'the line stands before it');
  await ada.page.waitForTimeout(2_000);
  assert.deepEqual(await unread(), ['4'], 'and it stays so while one looks on');
  const phone = await visit('ada');
  await eventually(() => row(phone, 'Harbour').locator('.count').allTextContents(), ['4'], 'on the other device');
  await ada.page.goto(server.url);
  await row(ada, 'Harbour').click();
  await ada.message('number 9').waitFor();
  await eventually(unread, [], 'until the chat is opened again');
  await eventually(() => row(phone, 'Harbour').locator('.count').allTextContents(), [], 'there, too');
}
