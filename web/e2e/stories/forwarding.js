import assert from 'node:assert/strict';
import { phone } from '../browser.js';
import { eventually } from '../check.js';
import { nothingOverflows } from '../overflow.js';
import { hold, twoPeople } from './world.js';

const spoken = (text) => text.replaceAll(/[\u2068\u2069]/gu, '').replace(/\s+/gu, ' ').trim();
/** What is shown of forwarded messages: who wrote them, where they were, what they say, and the words beside them. */
const shown = ({ page }) =>
  page.locator('.log article:has(.forwarded)').evaluateAll((all) => all.map((one) => [...one.querySelectorAll('.forwarded-by > span, .forwarded-by > a, .forwarded .text, .body > .text')].map((part) => part.textContent))).then((all) => all.map((one) => one.map(spoken).join(' | ')));

/** A chat of Ada alone, in which she said something. */
async function written(told) {
  const world = await twoPeople(told);
  const vault = await world.server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name: 'Vault', members: [] });
  const { seq } = await world.server.ask('ada', 'POST', `/v1/chats/${vault.id}/messages`, { text: 'the **tide**', client_id: 'tide' });
  return { ...world, vault, seq };
}

export async function a_message_is_forwarded_by_keys_and_says_where_it_was_to_who_may_see_it(told) {
  const { ada, bo, server, vault, seq } = await written(told);
  await bo.openChat('Harbour');
  await ada.openChat('Vault');
  await ada.sent('the tide').focus();
  await ada.page.keyboard.press('f');
  const dialog = ada.page.getByRole('dialog', { name: 'Forward message' });
  await dialog.getByRole('option', { name: /Harbour/u }).waitFor();
  await ada.page.keyboard.type('harb');
  await eventually(() => dialog.getByRole('option', { selected: true }).textContent().then((text) => text.includes('Harbour')), true, 'the best is chosen');
  await ada.page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await eventually(() => shown(bo), ['Forwarded from Ada Holm | the tide'], 'he has the copy, and not where it was');
  await ada.openChat('Harbour');
  await eventually(() => shown(ada), ['Forwarded from Ada Holm | in Vault | the tide'], 'she sees where it was');
  await ada.page.getByRole('link', { name: /in .*Vault/u }).click();
  await eventually(() => ada.page.locator(`[data-seq="${seq}"]`).evaluate((one) => one.matches('.flash')), true, 'and gets there');
  await server.ask('ada', 'PATCH', `/v1/chats/${vault.id}/messages/${seq}`, { text: 'the ebb' });
  // With words of her own, to somebody.
  await ada.use(ada.sent('the ebb'), 'More actions');
  await ada.page.getByRole('menuitem', { name: 'Forward…' }).click();
  await dialog.getByRole('combobox').fill('harbour');
  await dialog.getByLabel('Your message (optional)').fill('and now');
  await dialog.getByRole('button', { name: 'Forward' }).click();
  const both = ['Forwarded from Ada Holm | the tide', 'Forwarded from Ada Holm | the ebb | and now'];
  await eventually(() => shown(bo), both, 'a copy stays as it was');
  // A forward leads to the message itself.
  await bo.use(bo.sent('the ebb'), 'More actions');
  await bo.page.getByRole('menuitem', { name: 'Forward…' }).click();
  const his = bo.page.getByRole('dialog', { name: 'Forward message' });
  assert.equal(spoken(await his.locator('.forward-what').textContent()), 'Ada Holmthe ebb', 'it is that one that goes');
  await his.getByRole('combobox').fill('ada');
  await his.getByRole('button', { name: 'Forward' }).click();
  await his.waitFor({ state: 'detached' });
  await ada.openChat('Bo Lindqvist');
  await eventually(() => shown(ada), ['Forwarded from Ada Holm | in Vault | the ebb'], 'in a chat that was made for it');
  await bo.page.reload();
  await eventually(() => shown(bo), both, 'the same after a reload');
  assert.equal((await bo.page.content()).includes(vault.id), false, 'nothing of where it was');
}

export async function a_message_is_forwarded_offline_and_sent_later(told) {
  const { ada, bo } = await written(told);
  await bo.openChat('Harbour');
  await ada.openChat('Harbour');
  await ada.openChat('Vault');
  // The part that the dialog is in.
  await ada.use(ada.sent('the tide'), 'More actions');
  await ada.page.keyboard.press('Escape');
  await ada.context.setOffline(true);
  await ada.sent('the tide').focus();
  await ada.page.keyboard.press('f');
  const dialog = ada.page.getByRole('dialog', { name: 'Forward message' });
  await dialog.getByRole('combobox').fill('harbour');
  await dialog.getByRole('button', { name: 'Forward' }).click();
  await ada.openChat('Harbour');
  await eventually(() => shown(ada), ['Forwarded from Ada Holm | the tide'], 'it shows at once');
  assert.deepEqual(await shown(bo), []);
  await ada.context.setOffline(false);
  await eventually(() => shown(bo), ['Forwarded from Ada Holm | the tide'], 'and is sent later');
  await eventually(() => shown(ada), ['Forwarded from Ada Holm | in Vault | the tide'], 'once');
}

export async function a_message_is_forwarded_under_a_finger(told) {
  const { bo, visit } = await written(told);
  await bo.openChat('Harbour');
  const ada = await visit('ada', { viewport: phone, hasTouch: true, isMobile: true });
  await ada.openChat('Vault');
  await hold(ada.page, ada.sent('the tide').locator('.text'));
  await ada.page.getByRole('menuitem', { name: 'Forward…' }).tap();
  const dialog = ada.page.getByRole('dialog', { name: 'Forward message' });
  await dialog.getByRole('option', { name: /Harbour/u }).tap();
  await nothingOverflows(ada.page, 'forwarding, on a phone');
  await dialog.getByRole('button', { name: 'Forward' }).tap();
  await eventually(() => shown(bo), ['Forwarded from Ada Holm | the tide'], 'he has it');
}
