import assert from 'node:assert/strict';
import { phone } from '../browser.js';
import { eventually } from '../check.js';
import { nothingOverflows } from '../overflow.js';
import { fill, hold, pin, twoPeople } from './world.js';

/** What the strip below the header says: the newest pin, and how many there are. */
const strip = ({ page }) => page.locator('.pins button').evaluateAll((all) => all.map((one) => one.textContent.replaceAll(/[\u2068\u2069]/gu, '').replace(/\s+/gu, ' ').trim()));
const marks = ({ page }) => page.locator('.log article:has(.pin-mark)').evaluateAll((all) => all.map((one) => Number(one.dataset.seq)));

export async function a_pin_is_seen_by_others_at_once_and_leads_to_its_message(told) {
  const { ada, bo, server, chat } = await twoPeople(told);
  await fill(server, chat, 120);
  for (const text of ['the tide', 'the crane']) await server.ask('ada', 'POST', `/v1/chats/${chat.id}/messages`, { text, client_id: crypto.randomUUID() });
  const [tide, old] = [120, 3];
  await ada.openChat('Harbour');
  await bo.openChat('Harbour');
  await ada.sent('the tide').waitFor();
  assert.deepEqual(await strip(ada), [], 'nothing is pinned yet');
  await ada.use(ada.sent('the tide'), 'More actions');
  await ada.page.getByRole('menuitem', { name: 'Pin', exact: true }).click();
  for (const one of [ada, bo]) {
    await eventually(() => marks(one), [tide], 'the mark on the message');
    await eventually(() => strip(one), ['Ada Holm the tide', '1 pin'], 'the strip');
  }
  await pin(server, 'bo', chat.id, old);
  await eventually(async () => (await strip(ada))[1], '2 pins', 'a pin of an old message');
  await ada.page.locator('.pins button').first().click();
  await eventually(() => ada.page.locator(`[data-seq="${old}"]`).evaluate((one) => one === document.activeElement && one.matches('.flash')), true, 'the message is shown and has focus');
  await ada.page.goBack();
  await eventually(() => marks(ada), [tide], 'back where she was');

  await bo.page.getByRole('button', { name: '2 pins' }).click();
  const list = bo.page.getByRole('dialog', { name: 'Pinned messages' });
  await list.getByText('Pinned by Ada Holm').waitFor();
  await list.getByText('Pinned by Bo Lindqvist').waitFor();
  await list.getByRole('button', { name: 'Unpin' }).first().click();
  await eventually(() => list.locator('li').count(), 1, 'one is left in the list');
  await eventually(() => list.getByRole('button', { name: 'Unpin' }).evaluate((one) => one === document.activeElement), true, 'focus goes on to it');
  await list.getByRole('button', { name: /the tide/u }).click();
  await list.waitFor({ state: 'detached' });
  await eventually(() => bo.page.locator(`[data-seq="${tide}"]`).evaluate((one) => one === document.activeElement), true, 'he is at the message');
  await eventually(async () => (await strip(ada))[1], '1 pin', 'she sees that one is gone');
  await ada.page.reload();
  await eventually(async () => (await strip(ada))[1], '1 pin', 'the same after a reload');
  await server.ask('ada', 'DELETE', `/v1/chats/${chat.id}/messages/${tide}`);
  for (const one of [ada, bo]) await eventually(() => strip(one), [], 'it goes with its message');
}

export async function a_pin_made_offline_by_key_is_sent_later(told) {
  const { ada, bo } = await twoPeople(told);
  await ada.openChat('Harbour');
  await bo.openChat('Harbour');
  for (const text of ['first', 'second']) {
    await bo.write(text);
    await ada.sent(text).waitFor();
  }
  const seq = async (text) => Number(await ada.sent(text).getAttribute('data-seq'));
  const [first, second] = [await seq('first'), await seq('second')];
  await ada.sent('first').focus();
  await ada.page.keyboard.press('p');
  await eventually(() => marks(bo), [first], 'pinned by its key');
  await ada.context.setOffline(true);
  await ada.page.keyboard.press('p');
  await eventually(() => marks(ada), [], 'it is taken away at once');
  await eventually(() => strip(ada), [], 'and the strip with it');
  await ada.sent('second').focus();
  await ada.page.keyboard.press('p');
  await eventually(() => marks(ada), [second], 'it is shown at once');
  assert.deepEqual(await marks(bo), [first]);
  await ada.context.setOffline(false);
  await eventually(() => marks(bo), [second], 'what she did meanwhile');
  for (const one of [ada, bo]) await eventually(() => strip(one), ['Bo Lindqvist second', '1 pin'], 'the strip follows');
}

export async function pins_are_used_under_a_finger(told) {
  const { bo, visit, server, chat } = await twoPeople(told);
  await fill(server, chat, 3);
  const { seq } = await server.ask('ada', 'POST', `/v1/chats/${chat.id}/messages`, { text: 'the tide', client_id: 'tide' });
  const ada = await visit('ada', { viewport: phone, hasTouch: true, isMobile: true });
  await ada.openChat('Harbour');
  await hold(ada.page, ada.sent('the tide').locator('.text'));
  await ada.page.getByRole('menuitem', { name: 'Pin', exact: true }).tap();
  await eventually(() => marks(ada), [seq], 'pinned from the sheet');
  await nothingOverflows(ada.page, 'the strip of pins, on a phone');
  await ada.page.getByRole('button', { name: '1 pin' }).tap();
  const list = ada.page.getByRole('dialog', { name: 'Pinned messages' });
  await list.getByText('Pinned by Ada Holm').waitFor();
  await nothingOverflows(ada.page, 'the list of pins, on a phone');
  await ada.page.goBack();
  await list.waitFor({ state: 'detached' });
  await bo.openChat('Harbour');
  await eventually(() => marks(bo), [seq], 'and he sees it');
}
