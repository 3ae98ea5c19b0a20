import assert from 'node:assert/strict';
import { eventually } from '../check.js';
import { twoPeople } from './world.js';

const undo = ({ page }) => page.getByRole('button', { name: 'Undo sending' });

/** Two people in their chat; what Ada sends is held for so long. */
async function holding(told, undo_s) {
  const people = await twoPeople(told);
  await people.server.ask('ada', 'PATCH', '/v1/me/settings', { undo_s });
  await people.ada.openChat('Harbour');
  await people.bo.openChat('Harbour');
  return people;
}

export async function what_is_taken_back_is_never_seen_and_its_words_come_back(told) {
  const { ada, bo, server, chat } = await holding(told, 5);
  await bo.write('Dinner?');
  await ada.use(ada.sent('Dinner?'), 'Reply');
  await ada.write('No, you bore me');
  await ada.message('you bore me').getByText(/Sending in \d seconds?/u).waitFor();
  await ada.composer.fill('meanwhile');
  await undo(ada).click();
  await eventually(() => ada.composer.inputValue(), 'No, you bore me\n\nmeanwhile', 'the words');
  await ada.page.getByRole('button', { name: 'Do not reply' }).waitFor();
  await eventually(() => ada.page.evaluate(() => document.activeElement?.tagName), 'TEXTAREA', 'where one goes on writing');
  assert.equal(await ada.message('you bore me').count(), 0);
  // By the keyboard, right after sending.
  await ada.composer.fill('Yes, at eight');
  await ada.composer.press('Enter');
  await undo(ada).waitFor();
  await ada.composer.press('Control+z');
  await eventually(() => ada.composer.inputValue(), 'Yes, at eight', 'the words again');
  await ada.composer.press('Enter');
  await bo.message('Yes, at eight').waitFor();
  await eventually(() => bo.texts(), ['Dinner?', 'Yes, at eight'], 'all that Bo ever saw');
  assert.deepEqual((await server.ask('ada', 'GET', '/v1/scheduled')).items, []);
  const { items } = await server.ask('bo', 'GET', `/v1/chats/${chat.id}/messages`);
  assert.deepEqual(items.map(({ seq, reply_to }) => [seq, reply_to]), [[0, null], [1, 0]]);
}

export async function what_is_held_outlives_a_reload_and_is_sent_at_its_time(told) {
  const { ada, bo, visit } = await holding(told, 10);
  const phone = await visit('ada');
  await phone.openChat('Harbour');
  await ada.write('kept');
  await ada.message('kept').getByText(/Sending in/u).waitFor();
  await ada.page.reload();
  await ada.message('kept').getByText(/Sending in/u).waitFor();
  await undo(ada).waitFor();
  assert.equal(await bo.message('kept').count() + (await phone.message('kept').count()), 0, 'nobody sees it, on no other device');
  await bo.message('kept').waitFor();
  await ada.sent('kept').waitFor();
  await phone.sent('kept').waitFor();
  assert.equal(await ada.message('kept').count(), 1);
  assert.equal(await undo(ada).count(), 0);
}

export async function without_a_connection_a_message_is_taken_back_and_the_setting_is_on_all_devices(told) {
  const { ada, bo, visit } = await twoPeople(told);
  const phone = await visit('ada');
  await phone.openChat('Harbour');
  await ada.openChat('Harbour');
  await ada.page.getByRole('link', { name: 'Settings', exact: true }).click();
  await ada.page.getByRole('link', { name: 'Sending', exact: true }).click();
  await ada.page.getByRole('radio', { name: '5 seconds' }).click();
  await phone.page.waitForTimeout(500);
  await phone.context.setOffline(true);
  await phone.write('from the tunnel');
  await phone.message('from the tunnel').getByText('Waiting for connection').waitFor();
  await undo(phone).click();
  await eventually(() => phone.composer.inputValue(), 'from the tunnel', 'the words');
  await phone.context.setOffline(false);
  await phone.composer.fill('from outside');
  await phone.composer.press('Enter');
  await bo.openChat('Harbour');
  await bo.message('from outside').waitFor();
  await eventually(() => bo.texts(), ['from outside'], 'nothing else');
}
