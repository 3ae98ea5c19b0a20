import assert from 'node:assert/strict';
import { eventually } from '../check.js';
import { twoPeople } from './world.js';

const row = ({ page }, name) => page.locator('.sidebar a.row', { hasText: name });
const line = ({ page }) => page.locator('.chat > .bar .sub');
const closed = ({ page }) => page.locator('.closed-bar');

async function openSettings({ page }) {
  const button = page.getByRole('button', { name: 'Details', exact: true });
  if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
  await page.locator('.quick').getByRole('button', { name: 'Settings' }).click();
  const dialog = page.getByRole('dialog', { name: 'Chat settings' });
  await dialog.waitFor();
  return dialog;
}

export async function a_chat_says_what_it_is_about_and_who_writes_in_it(told) {
  const { ada, bo } = await twoPeople(told);
  await ada.openChat('Harbour');
  await bo.openChat('Harbour');
  await bo.composer.fill('half a sentence');
  const dialog = await openSettings(ada);
  await dialog.getByLabel('Topic').fill('Boats and tides');
  await dialog.getByLabel('Description').fill('For all who sail.\nBe kind.');
  await dialog.getByLabel('Admins and owners only').check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  for (const one of [ada, bo]) await eventually(() => line(one).textContent(), 'Boats and tides', 'above the chat');
  await closed(bo).getByText('Only admins and owners write in this chat.').waitFor();
  assert.equal(await bo.composer.count(), 0);
  await line(bo).click();
  await bo.page.getByText('For all who sail.').waitFor();
  await ada.write('hear, hear');
  await bo.message('hear, hear').waitFor();
  // What is set to nothing is gone, and what was being written is still there.
  const again = await openSettings(ada);
  await again.getByLabel('Topic').fill('');
  await again.getByLabel('Everybody in the chat').check();
  await ada.page.keyboard.press('Enter');
  await eventually(() => line(bo).textContent(), '2 members', 'as before');
  await eventually(() => bo.composer.inputValue(), 'half a sentence', 'his words');
  await bo.composer.press('Enter');
  await ada.message('half a sentence').waitFor();
}

export async function an_archived_chat_leaves_the_list_and_comes_back_with_the_words_it_refused(told) {
  const { ada, bo } = await twoPeople(told);
  await ada.openChat('Harbour');
  await bo.openChat('Harbour');
  await bo.context.setOffline(true);
  await bo.write('from out at sea');
  const dialog = await openSettings(ada);
  await dialog.getByRole('button', { name: 'Archive chat…' }).click();
  await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Archive' }).click();
  await eventually(() => row(ada, 'Harbour').count(), 0, 'out of the list');
  await closed(ada).getByText('This chat is archived.').waitFor();
  await bo.context.setOffline(false);
  await bo.message('from out at sea').getByText('archived').waitFor();
  await eventually(() => row(bo, 'Harbour').count(), 0, 'out of his list too');
  // It is found among the archived ones, after a reload too.
  await ada.page.goto(ada.server.url);
  await ada.page.locator('button.server').click();
  await ada.page.getByRole('menuitem', { name: 'Archived chats' }).click();
  await ada.page.getByRole('dialog', { name: 'Archived chats' }).getByRole('button', { name: 'Open Harbour' }).click();
  await closed(ada).getByRole('button', { name: 'Bring back' }).click();
  await ada.composer.waitFor();
  await eventually(() => row(bo, 'Harbour').count(), 1, 'back in his list');
  await bo.message('from out at sea').getByRole('button', { name: 'Retry' }).click();
  await ada.message('from out at sea').waitFor();
}

export async function in_slow_mode_words_wait_for_their_turn(told) {
  const { ada, bo, server, chat } = await twoPeople(told);
  await server.ask('ada', 'PATCH', `/v1/chats/${chat.id}`, { slow_s: 5 });
  await bo.openChat('Harbour');
  await ada.openChat('Harbour');
  const hint = bo.page.locator('.slow-hint');
  await eventually(() => hint.textContent(), 'Slow mode: 5 seconds between two messages', 'he is told');
  assert.equal(await ada.page.locator('.slow-hint').count(), 0, 'an owner does not wait');
  await bo.write('one');
  await ada.message('one').waitFor();
  await bo.page.getByText(/you can write again in [1-5] seconds?/u).waitFor();
  await bo.write('two');
  await bo.write('three');
  assert.deepEqual(await bo.texts(), ['one', 'two', 'three'], 'nothing is lost');
  await ada.message('three').waitFor({ timeout: 25_000 });
  const { items } = await server.ask('ada', 'GET', `/v1/chats/${chat.id}/messages`);
  assert.deepEqual(items.map(({ text }) => text), ['one', 'two', 'three'], 'each once, in order');
  const times = items.map(({ created_at }) => Date.parse(created_at));
  assert.ok(times[1] - times[0] >= 4_990 && times[2] - times[1] >= 4_990, 'five seconds apart');
}
