import assert from 'node:assert/strict';
import { phone } from '../browser.js';
import { eventually } from '../check.js';
import { nothingOverflows } from '../overflow.js';
import { fill, hold, save, twoPeople } from './world.js';

const marks = ({ page }) => page.locator('.log article:has(.saved-mark)').evaluateAll((all) => all.map((one) => Number(one.dataset.seq)));
/** What is listed: who wrote it, where, and what. */
const listed = ({ page }) =>
  page.locator('.saved-item').evaluateAll((all) => all.map((one) => [...one.querySelectorAll('.inbox-by > b, .inbox-by > span, .inbox-text')].map((part) => part.textContent.replaceAll(/[\u2068\u2069]/gu, '').trim()).join(' | ')));
const focused = ({ page }) => page.evaluate(() => document.activeElement.closest('.saved-item')?.querySelector('.inbox-text').textContent ?? null);
const openSaved = ({ page }) => page.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: 'Saved', exact: true }).click();

/** Two messages by Bo far up in the group, and one to Ada alone. */
async function written(told) {
  const world = await twoPeople(told);
  const { server, chat } = world;
  const ada = await server.person('ada');
  const direct = await server.ask('bo', 'POST', '/v1/chats', { kind: 'direct', members: [ada.id] });
  const say = async (where, text) => (await server.ask('bo', 'POST', `/v1/chats/${where.id}/messages`, { text, client_id: crypto.randomUUID() })).seq;
  const [tide, crane] = [await say(chat, 'the tide'), await say(chat, 'the crane')];
  await fill(server, chat, 80);
  const lunch = await say(direct, 'lunch at noon');
  return { ...world, direct, tide, crane, lunch, say };
}

export async function what_one_saves_is_listed_on_all_devices_and_leads_to_its_message(told) {
  const { ada, bo, visit, server, chat, direct, tide, crane, lunch } = await written(told);
  const other = await visit('ada');
  await openSaved(other);
  await other.page.getByText('You have not saved anything yet').waitFor();
  await ada.openChat('Bo Lindqvist');
  await ada.use(ada.sent('lunch at noon'), 'More actions');
  await ada.page.getByRole('menuitem', { name: 'Save', exact: true }).click();
  await eventually(() => marks(ada), [lunch], 'the mark on the message');
  await eventually(() => listed(other), ['Bo Lindqvist | in Bo Lindqvist | lunch at noon'], 'listed on the other device at once');
  for (const seq of [tide, crane]) await save(server, 'ada', chat.id, seq);
  const all = ['Bo Lindqvist | in Harbour | the crane', 'Bo Lindqvist | in Harbour | the tide', 'Bo Lindqvist | in Bo Lindqvist | lunch at noon'];
  await eventually(() => listed(other), all, 'newest first');
  await bo.openChat('Ada Holm');
  await bo.sent('lunch at noon').waitFor();
  assert.deepEqual(await marks(bo), [], 'it is nobody else’s');

  await other.page.locator('.saved-item').first().focus();
  await other.page.keyboard.press('ArrowDown');
  await eventually(() => focused(other), 'the tide', 'the next one');
  await other.page.keyboard.press('Enter');
  await eventually(() => other.page.locator(`[data-seq="${tide}"]`).evaluate((one) => one.matches('.flash')), true, 'its message is shown');
  await eventually(async () => (await marks(other)).includes(tide), true, 'with its mark');
  await other.page.goBack();
  await eventually(() => listed(other), all, 'back at the list');
  await server.ask('bo', 'PATCH', `/v1/chats/${chat.id}/messages/${tide}`, { text: 'the ebb' });
  await eventually(async () => (await listed(other))[1], 'Bo Lindqvist | in Harbour | the ebb', 'as it is now');
  await other.page.locator('.saved-item').first().focus();
  await other.page.keyboard.press('s');
  await eventually(() => listed(other), [all[1].replace('tide', 'ebb'), all[2]], 'taken out by its key');
  await eventually(() => focused(other), 'the ebb', 'and focus goes on');
  await server.ask('bo', 'DELETE', `/v1/chats/${chat.id}/messages/${tide}`);
  await eventually(() => listed(other), [all[2]], 'a deleted message goes');
  await other.page.getByRole('button', { name: 'Remove from saved' }).click();
  await other.page.getByText('You have not saved anything yet').waitFor();
  await eventually(() => marks(ada), [], 'and the mark on the other device');
  assert.deepEqual((await server.ask('ada', 'GET', '/v1/me/saved')).items, [], `the server knows, of ${direct.id} too`);
}

export async function what_is_saved_offline_by_key_is_told_later_and_what_one_left_is_not_listed(told) {
  const { ada, visit, server, chat, direct, lunch, say } = await written(told);
  const now = await say(chat, 'right now');
  await save(server, 'ada', direct.id, lunch);
  await ada.openChat('Harbour');
  await openSaved(ada);
  await eventually(() => listed(ada), ['Bo Lindqvist | in Bo Lindqvist | lunch at noon'], 'what is saved');
  await ada.openChat('Harbour');
  await ada.sent('right now').focus();
  await ada.page.keyboard.press('s');
  await eventually(() => marks(ada), [now], 'by its key');
  await ada.context.setOffline(true);
  await ada.sent('right now').focus();
  await ada.page.keyboard.press('s');
  await eventually(() => marks(ada), [], 'taken out at once');
  await ada.page.keyboard.press('s');
  await eventually(() => marks(ada), [now], 'and saved again');
  await openSaved(ada);
  const both = ['Bo Lindqvist | in Harbour | right now', 'Bo Lindqvist | in Bo Lindqvist | lunch at noon'];
  await eventually(() => listed(ada), both, 'listed without a network');
  await ada.page.getByRole('button', { name: 'Remove from saved' }).last().click();
  await eventually(() => listed(ada), [both[0]], 'one is taken out');
  await ada.context.setOffline(false);
  const other = await visit('ada');
  await openSaved(other);
  await eventually(() => listed(other), [both[0]], 'the other device has what was done meanwhile');
  await other.page.reload();
  await eventually(() => listed(other), [both[0]], 'the same after a reload');
  await server.ask('ada', 'DELETE', `/v1/chats/${chat.id}/members/${(await server.person('ada')).id}`);
  for (const one of [ada, other]) await one.page.getByText('You have not saved anything yet').waitFor();
}

export async function saved_messages_are_used_under_a_finger(told) {
  const { visit, say, chat } = await written(told);
  const now = await say(chat, 'right now');
  const ada = await visit('ada', { viewport: phone, hasTouch: true, isMobile: true });
  await ada.openChat('Harbour');
  await hold(ada.page, ada.sent('right now').locator('.text'));
  await ada.page.getByRole('menuitem', { name: 'Save', exact: true }).tap();
  await eventually(() => marks(ada), [now], 'saved from the sheet');
  await ada.page.goBack();
  await ada.page.getByRole('link', { name: 'Saved', exact: true }).tap();
  await eventually(() => listed(ada), ['Bo Lindqvist | in Harbour | right now'], 'the list');
  await nothingOverflows(ada.page, 'what is saved, on a phone');
  await ada.page.locator('.saved-item').tap();
  await eventually(() => ada.page.locator(`[data-seq="${now}"]`).evaluate((one) => one.matches('.flash')), true, 'its message');
  await ada.page.goBack();
  await ada.page.getByRole('button', { name: 'Remove from saved' }).tap();
  await ada.page.getByText('You have not saved anything yet').waitFor();
  await nothingOverflows(ada.page, 'nothing saved, on a phone');
  await ada.page.getByRole('link', { name: 'Back' }).tap();
  await ada.page.locator('.row', { hasText: 'Harbour' }).waitFor();
}
