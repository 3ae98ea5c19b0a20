import assert from 'node:assert/strict';
import { phone } from '../browser.js';
import { eventually } from '../check.js';
import { nothingOverflows } from '../overflow.js';
import { hold, twoPeople } from './world.js';

/** A direct chat of Ada and Bo, which only Ada has open. */
async function direct(server) {
  const bo = await server.person('bo');
  return server.ask('ada', 'POST', '/v1/chats', { kind: 'direct', members: [bo.id] });
}

/** What the tick of a message says. */
const tick = (visitor, text) => visitor.sent(text).locator('.tick').getAttribute('aria-label');
const at = (visitor, text) => visitor.sent(text).boundingBox();
const plain = (text) => text.replaceAll(/[\u2068\u2069]/gu, '').replace(/\s+/gu, ' ').trim();

/** Somebody looks at the window, or at another one. */
async function looksAt({ page }, isLooking) {
  await page.evaluate((is) => {
    Object.defineProperty(document, 'hasFocus', { configurable: true, value: () => is });
    dispatchEvent(new Event(is ? 'focus' : 'blur'));
  }, isLooking);
}

export async function ticks_tell_how_far_a_message_came_and_not_what_somebody_hides(told) {
  const { ada, bo, server } = await twoPeople(told);
  await direct(server);
  await bo.context.setOffline(true);
  await ada.openChat('Bo Lindqvist');
  await ada.write('the tide');
  await eventually(() => tick(ada, 'the tide'), 'Sent', 'stored, and on no device');
  const before = await at(ada, 'the tide');
  await bo.context.setOffline(false);
  await eventually(() => tick(ada, 'the tide'), 'Delivered', 'he has it, and has not looked');
  assert.deepEqual(await at(ada, 'the tide'), before, 'nothing moves');
  await looksAt(bo, false);
  await bo.openChat('Ada Holm');
  await bo.sent('the tide').waitFor();
  await bo.page.waitForTimeout(1500);
  assert.equal(await tick(ada, 'the tide'), 'Delivered', 'on the screen of a window that nobody looks at');
  await looksAt(bo, true);
  await eventually(() => tick(ada, 'the tide'), 'Seen', 'he looks');
  assert.deepEqual(await at(ada, 'the tide'), before, 'nothing moves');
  assert.equal(await bo.sent('the tide').locator('.tick').count(), 0, 'only on what one wrote');
  await ada.page.reload();
  await eventually(() => tick(ada, 'the tide'), 'Seen', 'the same after a reload');

  await bo.page.goto(`${server.url}/settings/sending`);
  const box = bo.page.getByRole('checkbox', { name: 'Tell others what I have seen' });
  await box.uncheck();
  await bo.page.reload();
  await eventually(() => box.isChecked(), false, 'it is kept');
  await ada.page.reload();
  await eventually(() => tick(ada, 'the tide'), 'Delivered', 'of what was before, too');
  await bo.page.goto(server.url);
  await bo.openChat('Ada Holm');
  await ada.write('the crane');
  await eventually(() => tick(ada, 'the crane'), 'Delivered', 'his device has it');
  await bo.write('hello');
  await ada.sent('hello').waitFor();
  await ada.page.waitForTimeout(1500);
  assert.equal(await tick(ada, 'the crane'), 'Delivered', 'whatever he saw');
  await eventually(() => tick(bo, 'hello'), 'Delivered', 'and he is not told what she saw');
}

export async function what_became_of_a_message_is_shown_by_key_with_names_and_times(told) {
  const { ada, bo } = await twoPeople(told);
  await ada.openChat('Harbour');
  await ada.write('the tide');
  await ada.sent('the tide').waitFor();
  await ada.sent('the tide').focus();
  await ada.page.keyboard.press('i');
  const details = ada.page.getByRole('dialog', { name: 'Message details' });
  await details.getByText('Stored on the server').waitFor();
  await details.getByText('Nobody has seen it yet').waitFor();
  await ada.page.keyboard.press('Escape');
  await details.waitFor({ state: 'detached' });
  assert.ok(await ada.sent('the tide').evaluate((one) => one === document.activeElement), 'focus is back');
  await bo.openChat('Harbour');
  await ada.page.getByRole('button', { name: /Seen by Bo Lindqvist/u }).click();
  const seen = details.locator('.rung.seen');
  await seen.getByText('Bo Lindqvist').waitFor();
  await seen.locator('time').waitFor();
  await details.locator('.rung.delivered').getByText('Bo Lindqvist').waitFor();
  await ada.page.keyboard.press('Escape');
  await ada.use(ada.sent('the tide'), 'More actions');
  await ada.page.getByRole('menuitem', { name: 'Message details' }).click();
  await details.waitFor();
}

export async function who_saw_a_message_of_a_group_is_shown_under_a_finger(told) {
  const { bo, visit, server, chat } = await twoPeople(told);
  await server.ask('ada', 'POST', `/v1/chats/${chat.id}/messages`, { text: 'the tide', client_id: 'tide' });
  const ada = await visit('ada', { viewport: phone, hasTouch: true, isMobile: true });
  await ada.openChat('Harbour');
  await bo.openChat('Harbour');
  const button = ada.page.locator('.seen-by');
  await eventually(async () => plain((await button.textContent()) ?? '').endsWith('Seen by Bo Lindqvist'), true, 'the line below');
  await nothingOverflows(ada.page, 'who saw it, on a phone');
  await hold(ada.page, ada.sent('the tide').locator('.text'));
  await ada.page.getByRole('menuitem', { name: 'Message details' }).tap();
  const details = ada.page.getByRole('dialog', { name: 'Message details' });
  await details.locator('.rung.seen').getByText('Bo Lindqvist').waitFor();
  await nothingOverflows(ada.page, 'what became of a message, on a phone');
}
