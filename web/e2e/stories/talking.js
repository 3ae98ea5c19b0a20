import assert from 'node:assert/strict';
import { eventually } from '../check.js';
import { twoPeople } from './world.js';

export async function two_people_talk_live_edit_reply_and_delete(told) {
  const { ada, bo } = await twoPeople(told);
  await ada.openChat('Harbour');
  await bo.openChat('Harbour');
  await ada.write('The ferry is **late** again');
  await bo.message('The ferry is late again').waitFor();
  assert.equal(await bo.page.locator('.log strong', { hasText: 'late' }).count(), 1, 'Markdown is drawn');

  await bo.use(bo.message('The ferry'), 'Reply');
  await bo.write('How late?');
  await ada.message('How late?').locator('.reply', { hasText: 'The ferry is late again' }).waitFor();

  await ada.use(ada.sent('The ferry').first(), 'Edit');
  await ada.write('The ferry is twenty minutes late');
  await bo.message('The ferry is twenty minutes late').first().getByRole('button', { name: /Edited/u }).waitFor();

  await bo.use(bo.message('How late?').last(), 'Delete');
  await bo.page.getByRole('button', { name: 'Delete message' }).click();
  await ada.page.locator('.log .stub', { hasText: 'Message deleted' }).waitFor();
}

export async function unread_messages_are_counted_and_read_when_seen(told) {
  const { ada, bo, server, chat } = await twoPeople(told);
  await ada.openChat('Harbour');
  await ada.write('one');
  await ada.write('two');
  await bo.row('Harbour').filter({ hasText: '2 unread messages' }).waitFor();
  assert.match(await bo.page.title(), /2/u, 'the title counts too');
  await bo.openChat('Harbour');
  await bo.message('two').waitFor();
  await bo.row('Harbour').filter({ hasNotText: 'unread' }).waitFor();
  await eventually(async () => (await server.ask('bo', 'GET', `/v1/chats/${chat.id}/read-marker`)).seq, 1, 'the marker');
}

export async function a_message_is_sent_later_or_cancelled(told) {
  const { ada, server } = await twoPeople(told);
  const { page } = ada;
  await ada.openChat('Harbour');
  await ada.composer.fill('Not before tomorrow');
  await page.getByRole('button', { name: 'Send later' }).click();
  const dialog = page.getByRole('dialog', { name: 'Send later' });
  await dialog.getByRole('button', { name: 'Tomorrow at 09:00' }).click();
  await dialog.getByRole('button', { name: 'Send later' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await ada.composer.inputValue(), '', 'it is written no more');
  const [waiting] = (await server.ask('ada', 'GET', '/v1/scheduled')).items;
  assert.equal(waiting.text, 'Not before tomorrow');
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('link', { name: 'Sent later' }).click();
  await page.getByText('Not before tomorrow').waitFor();
  await page.getByRole('button', { name: /^Cancel the message/u }).click();
  await page.getByRole('button', { name: 'Cancel message' }).click();
  await page.getByText('Nothing waits.').waitFor();
  assert.deepEqual((await server.ask('ada', 'GET', '/v1/scheduled')).items, []);
}

export async function a_reload_shows_what_was_there(told) {
  const { ada } = await twoPeople(told);
  await ada.openChat('Harbour');
  for (const text of ['first', 'second', 'third']) await ada.write(text);
  await ada.message('third').waitFor();
  await ada.page.reload();
  await ada.message('third').waitFor();
  await eventually(() => ada.texts(), ['first', 'second', 'third'], 'the timeline after a reload');
}

export async function a_draft_survives_a_reload(told) {
  const { ada } = await twoPeople(told);
  await ada.openChat('Harbour');
  await ada.composer.fill('half a thou');
  await ada.page.waitForFunction(() => document.querySelector('.composer-foot')?.textContent?.includes('Draft saved'));
  await ada.page.reload();
  await eventually(() => ada.composer.inputValue(), 'half a thou', 'the draft');
}

export async function somebody_who_types_is_seen_typing(told) {
  const { ada, bo } = await twoPeople(told);
  await ada.openChat('Harbour');
  await bo.openChat('Harbour');
  await ada.composer.pressSequentially('hello');
  await bo.page.getByText(/Ada.* is typing/u).waitFor();
}
