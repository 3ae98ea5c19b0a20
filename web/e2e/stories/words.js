import assert from 'node:assert/strict';
import { accessible } from '../axe.js';
import { eventually } from '../check.js';
import { twoPeople } from './world.js';

const draftOf = (visitor) => visitor.composer.inputValue();
const logged = async (server, chat) => (await server.ask('bo', 'GET', `/v1/chats/${chat.id}/messages`)).items.map(({ text }) => text);

async function inBothThemes(page, where) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await accessible(page, `${where}, ${colorScheme}`);
  }
}

/** How many records each of a person's stores holds on this device. */
const onDisk = (page) =>
  page.evaluate(async () => {
    const found = {};
    for (const { name } of (await indexedDB.databases()).filter((one) => one.name?.startsWith('petit-user'))) {
      const db = await new Promise((resolve) => (indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result)));
      for (const store of db.objectStoreNames) {
        found[store] = await new Promise((resolve) => (db.transaction(store).objectStore(store).count().onsuccess = ({ target }) => resolve(target.result)));
      }
      db.close();
    }
    return found;
  });

export async function a_draft_survives_a_reload_in_the_moment_of_the_last_key(told) {
  const { ada, server } = await twoPeople(told);
  await ada.openChat('Harbour');
  await ada.composer.pressSequentially('half a thought');
  await ada.page.reload();
  await ada.composer.waitFor();
  await eventually(() => draftOf(ada), 'half a thought', 'the draft after a reload');
  await ada.composer.pressSequentially(', and more');
  await ada.page.goto(`${server.url}/oidc/sign-in`).catch(() => undefined);
  await ada.page.goBack();
  await ada.composer.waitFor();
  await eventually(() => draftOf(ada), 'half a thought, and more', 'the draft after a link was followed');
}

export async function a_draft_survives_a_crash_half_a_second_later(told) {
  const { ada, server, chat } = await twoPeople(told);
  await ada.openChat('Harbour');
  await ada.composer.pressSequentially('before the crash', { delay: 30 });
  await ada.page.waitForTimeout(600);
  // The next page would share a renderer that is only about to crash.
  await Promise.all([ada.page.waitForEvent('crash'), ada.page.goto('chrome://crash').catch(() => undefined)]);
  await ada.newPage();
  await ada.page.goto(`${server.url}/c/${chat.id}`);
  await ada.composer.waitFor();
  await eventually(() => draftOf(ada), 'before the crash', 'the draft after a crash');
}

export async function what_is_written_in_one_tab_is_there_in_the_other(told) {
  const { ada, server, chat } = await twoPeople(told);
  await ada.openChat('Harbour');
  const first = ada.page;
  const second = await ada.newPage();
  await second.goto(`${server.url}/c/${chat.id}`);
  await ada.composer.waitFor();
  await first.bringToFront();
  await first.locator('.composer textarea').pressSequentially('in both tabs');
  await eventually(() => draftOf(ada), 'in both tabs', 'the draft in the other tab');
  await first.locator('.composer textarea').press('Enter');
  await eventually(() => draftOf(ada), '', 'the other tab after it was sent');
}

export async function an_edit_survives_another_chat_a_reload_and_signing_in_again(told) {
  const { ada, server, chat } = await twoPeople(told);
  await server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name: 'Elsewhere', members: [] });
  await ada.openChat('Harbour');
  await ada.write('as it was');
  await ada.sent('as it was').waitFor();
  await ada.composer.pressSequentially('a draft under it');
  await ada.use(ada.sent('as it was'), 'Edit');
  await ada.composer.fill('as it shall be');
  await ada.openChat('Elsewhere');
  await ada.openChat('Harbour');
  await eventually(() => draftOf(ada), 'as it shall be', 'the edit after another chat');
  await ada.page.reload();
  await ada.page.getByRole('button', { name: 'Stop editing' }).waitFor();
  await eventually(() => draftOf(ada), 'as it shall be', 'the edit after a reload');

  await ada.page.goto(`${server.url}/settings`);
  await ada.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  const asks = ada.page.getByRole('dialog', { name: 'Sign out with words unsent?' });
  await asks.getByText('1 draft').waitFor();
  await inBothThemes(ada.page, 'what becomes of words');
  await asks.getByRole('button', { name: 'Keep and sign out' }).click();
  await ada.page.waitForURL(/auth|oidc/u);
  await ada.signIn('ada');
  await ada.page.goto(`${server.url}/c/${chat.id}`);
  await ada.page.getByRole('button', { name: 'Stop editing' }).waitFor();
  await eventually(() => draftOf(ada), 'as it shall be', 'the edit after signing in again');
  await ada.composer.press('Enter');
  await ada.message('as it shall be').waitFor();
  await eventually(() => draftOf(ada), 'a draft under it', 'the draft under the edit');
}

export async function signing_out_with_words_thrown_away_leaves_nothing_behind(told) {
  const { ada, server } = await twoPeople(told);
  await ada.openChat('Harbour');
  await ada.composer.pressSequentially('nobody shall read this');
  await ada.page.goto(`${server.url}/settings`);
  await ada.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await ada.page.getByRole('button', { name: 'Delete and sign out' }).click();
  await ada.page.getByLabel('Username').or(ada.page.getByRole('link', { name: 'Sign in' })).first().waitFor();
  assert.deepEqual(await onDisk(ada.page), {});
  const shelf = await ada.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('petit-words')));
  assert.deepEqual(shelf, []);
}

export async function a_session_ended_elsewhere_is_told_and_leaves_only_words(told) {
  const { ada, server, chat } = await twoPeople(told);
  await ada.openChat('Harbour');
  await ada.write('something to read');
  await ada.sent('something to read').waitFor();
  await ada.composer.pressSequentially('half a thought');
  await eventually(async () => (await onDisk(ada.page)).messages, (count) => count > 0, 'copies on the disk');
  const sessions = (await server.ask('ada', 'GET', '/v1/sessions')).items;
  for (const { id, kind } of sessions) if (kind === 'browser') await server.ask('ada', 'DELETE', `/v1/sessions/${id}`);
  await ada.page.getByRole('heading', { name: 'You were signed out' }).waitFor();
  await ada.page.getByText('1 draft is kept here').waitFor();
  await inBothThemes(ada.page, 'signed out');
  const { chats, messages, people, kv, composed } = await onDisk(ada.page);
  assert.deepEqual({ chats, messages, people, kv, composed }, { chats: 0, messages: 0, people: 0, kv: 0, composed: 1 });
  await ada.page.reload();
  await ada.page.getByRole('button', { name: 'Sign in' }).click();
  await ada.page.getByLabel('Username').fill('ada');
  await ada.page.getByLabel('Password', { exact: true }).fill(server.passwords.ada);
  await ada.page.getByRole('button', { name: 'Sign in' }).click();
  await ada.page.goto(`${server.url}/c/${chat.id}`);
  await ada.composer.waitFor();
  await eventually(() => draftOf(ada), 'half a thought', 'the draft of the same person');
}

export async function edits_and_deletions_work_offline(told) {
  const { ada, bo, server, chat } = await twoPeople(told);
  await ada.openChat('Harbour');
  for (const text of ['to be changed', 'to be deleted', 'to stay']) {
    await ada.write(text);
    await ada.sent(text).waitFor();
  }
  await ada.context.setOffline(true);
  await ada.use(ada.sent('to be changed'), 'Edit');
  await ada.write('changed without a network');
  await ada.message('changed without a network').waitFor();
  await ada.use(ada.sent('to be deleted'), 'Delete');
  await ada.page.getByRole('button', { name: 'Delete message' }).click();
  await ada.page.locator('.log .stub').waitFor();
  await ada.page.getByRole('button', { name: '2 waiting to be sent' }).waitFor();
  await ada.context.setOffline(false);
  await bo.openChat('Harbour');
  const all = ['changed without a network', '', 'to stay'];
  await eventually(() => logged(server, chat), all, 'the log');
  await eventually(() => bo.texts(), ['changed without a network', 'Message deleted', 'to stay'], "Bo's timeline");
  await ada.page.locator('.waiting-link').waitFor({ state: 'detached' });
}

export async function words_for_a_chat_one_was_removed_from_are_listed_copied_and_cancelled(told) {
  const { bo, server, chat } = await twoPeople(told);
  const me = await server.person('bo');
  await bo.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await bo.openChat('Harbour');
  await bo.context.setOffline(true);
  await bo.write('for those who are left');
  await bo.message('for those who are left').waitFor();
  await bo.composer.pressSequentially('and a draft');
  await bo.page.waitForTimeout(500);
  await server.ask('ada', 'DELETE', `/v1/chats/${chat.id}/members/${me.id}`);
  await bo.context.setOffline(false);
  await bo.page.getByRole('button', { name: '1 not sent' }).click();
  const list = bo.page.getByRole('dialog', { name: 'Not sent yet' });
  const one = list.locator('li', { hasText: 'for those who are left' });
  await one.getByText('You are not in this chat any more.').waitFor();
  await one.getByText('Harbour').waitFor();
  await inBothThemes(bo.page, 'what waits');
  await one.getByRole('button', { name: 'Copy' }).click();
  assert.equal(await bo.page.evaluate(() => navigator.clipboard.readText()), 'for those who are left');
  await one.getByRole('button', { name: 'Retry' }).click();
  await one.getByText('Not sent.').waitFor();
  await one.getByRole('button', { name: 'Delete' }).click();
  const draft = list.locator('li', { hasText: 'and a draft' });
  await draft.getByText('Draft for Harbour').waitFor();
  await draft.getByRole('button', { name: 'Delete' }).click();
  await list.getByText('Everything you wrote was sent.').waitFor();
  await list.getByRole('button', { name: 'Done' }).click();
  await bo.page.locator('.waiting-link').waitFor({ state: 'detached' });
}

export async function a_disk_that_takes_nothing_is_told(told) {
  const { ada } = await twoPeople(told);
  await ada.openChat('Harbour');
  await ada.page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await ada.composer.pressSequentially('where would it go');
  await ada.page.getByText('There is no room left on this device. What you write and do not send is kept only until this tab closes.').waitFor();
  assert.equal(await ada.page.locator('.composer-foot', { hasText: 'Draft saved' }).count(), 0, 'nothing is called saved');
  await inBothThemes(ada.page, 'a full disk');
}
