import assert from 'node:assert/strict';
import { accessible } from '../axe.js';
import { phone, Visitor } from '../browser.js';
import { eventually } from '../check.js';
import { twoPeople } from './world.js';

const focused = (page) => page.evaluate(() => document.activeElement?.matches('.composer textarea') ?? false);

/** The Enter that ends a composition, as browsers tell it: while it lasts, and as Safari does, after its end. */
const enters = [
  { key: 'Enter', isComposing: true, keyCode: 229 },
  { key: 'Enter', isComposing: true, keyCode: 13 },
  { key: 'Enter', isComposing: false, keyCode: 229 },
];

const press = (field, init) => field.evaluate((element, keys) => element.dispatchEvent(new KeyboardEvent('keydown', { ...keys, bubbles: true, cancelable: true })), init);

/** A person on a phone in a chat of two. */
async function onPhone(told) {
  const { server, chat } = await twoPeople(told);
  const visitor = await Visitor.open(told.browser, server, { viewport: phone, hasTouch: true, isMobile: true, reducedMotion: 'reduce' });
  told.after(() => visitor.close());
  await visitor.signIn('ada');
  await visitor.openChat('Harbour');
  return { visitor, page: visitor.page, server, chat };
}

export async function enter_that_ends_a_composition_neither_sends_nor_picks(told) {
  const { ada } = await twoPeople(told);
  const { page } = ada;
  await ada.openChat('Harbour');
  await ada.composer.fill('にほん');
  for (const init of enters) await press(ada.composer, init);
  assert.equal(await ada.composer.inputValue(), 'にほん');
  await ada.composer.fill('@b');
  await page.getByRole('option', { name: /Bo/u }).waitFor();
  for (const init of enters) await press(ada.composer, init);
  assert.equal(await ada.composer.inputValue(), '@b');
  await ada.composer.fill('');

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('Harb');
  await page.getByRole('option', { name: /Harbour/u }).waitFor();
  for (const init of enters) await press(page.getByRole('combobox'), init);
  await page.getByRole('dialog', { name: 'Jump to' }).waitFor();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'New chat' }).click();
  await page.getByRole('option', { name: /Bo/u }).waitFor();
  for (const init of enters) await press(page.getByRole('combobox'), init);
  await page.getByRole('dialog', { name: 'New chat' }).waitFor();
  assert.equal(await page.locator('.log article').count(), 0, 'nothing was sent');
}

export async function typing_without_focus_lands_in_the_composer(told) {
  const { ada } = await twoPeople(told);
  const { page } = ada;
  await ada.openChat('Harbour');
  await ada.write('one of mine');
  await ada.sent('one of mine').waitFor();
  const away = () => page.evaluate(() => document.activeElement.blur());
  await away();
  await page.keyboard.type('read me aloud');
  await eventually(() => ada.composer.inputValue(), 'read me aloud', 'words typed nowhere');
  await ada.composer.fill('');
  // The list itself has focus, as after a click beside the messages: that is not a message.
  await page.locator('.timeline').focus();
  await page.keyboard.type('cherry');
  await eventually(() => ada.composer.inputValue(), 'cherry', 'words typed over the list');
  await ada.composer.fill('');
  await ada.sent('one of mine').focus();
  await page.keyboard.press('e');
  await page.getByRole('button', { name: 'Stop editing' }).waitFor();
  await page.keyboard.press('Escape');
  await ada.row('Harbour').focus();
  await page.keyboard.type('from the list');
  await eventually(() => ada.composer.inputValue(), 'from the list', 'words typed over the chat list');
  await away();
  await page.keyboard.press('Control+a');
  assert.equal(await focused(page), false, 'a shortcut of the browser is not text');
}

export async function dialogs_begin_in_their_field(told) {
  const { ada } = await twoPeople(told);
  const { page } = ada;
  await ada.openChat('Harbour');
  const inField = (name) => eventually(() => page.evaluate(() => document.activeElement?.closest('label, .form-row, .field, [role=combobox]') !== null && document.activeElement?.tagName === 'INPUT'), true, `focus in the field of ${name}`);
  await page.getByRole('button', { name: 'New chat' }).click();
  await inField('a new chat');
  await page.keyboard.press('Escape');
  await page.waitForURL(/\/c\//u);
  await page.goto(`${ada.server.url}/browse`);
  await page.getByRole('dialog').waitFor();
  await inField('open chats');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await ada.openChat('Harbour');
  for (const name of ['Add people', 'Rename']) {
    await page.getByRole('button', { name, exact: true }).first().click();
    await inField(name);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
}

export async function back_on_a_phone_closes_what_lies_over_the_chat_first(told) {
  const { page, visitor } = await onPhone(told);
  const panel = page.getByRole('complementary', { name: 'Chat details' });
  const address = page.url();
  await page.getByRole('button', { name: 'Details', exact: true }).click();
  await panel.waitFor();
  await page.getByRole('button', { name: 'Rename', exact: true }).click();
  await page.getByRole('dialog', { name: 'Rename chat' }).waitFor();
  await page.goBack();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await panel.waitFor();
  await page.goBack();
  await panel.waitFor({ state: 'detached' });
  assert.equal(page.url(), address, 'still in the chat');
  await page.getByRole('button', { name: 'Details', exact: true }).click();
  await panel.waitFor();
  await page.getByRole('button', { name: 'Close details' }).click();
  await panel.waitFor({ state: 'detached' });
  await page.goBack();
  await visitor.row('Harbour').waitFor();
  assert.equal(new URL(page.url()).pathname, '/', 'one step back is the list: closed layers leave nothing in the history');
}

export async function a_finger_lifted_after_a_long_press_hits_nothing(told) {
  const { page, visitor } = await onPhone(told);
  await visitor.composer.fill('hold me');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await visitor.sent('hold me').waitFor();
  const touch = await page.context().newCDPSession(page);
  const hold = async (x, y) => {
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
    await page.getByRole('menu', { name: 'Message actions' }).waitFor();
    await page.waitForTimeout(200);
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await page.waitForTimeout(500);
  };
  const { x, y, width, height } = await visitor.sent('hold me').boundingBox();
  await hold(x + width / 2, y + height / 2);
  await page.getByRole('menu', { name: 'Message actions' }).waitFor();
  await page.goBack();
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await visitor.composer.waitFor();
  await hold(x + width / 2, y + height / 2);
  await page.getByRole('menuitem', { name: 'Copy text' }).tap();
  await page.getByRole('menu').waitFor({ state: 'detached' });
}

export async function a_message_that_is_too_long_says_so_on_a_phone(told) {
  const { page, visitor } = await onPhone(told);
  await visitor.composer.fill('é'.repeat(8_000));
  await page.getByText('About 192 characters left').waitFor();
  await visitor.composer.fill('é'.repeat(8_292));
  await page.getByText('Too long by about 100 characters').waitFor();
  await page.getByRole('button', { name: 'Send', exact: true }).click({ force: true });
  await page.getByRole('alert').filter({ hasText: 'too long to be sent' }).waitFor();
  assert.equal((await visitor.composer.inputValue()).length, 8_292, 'nothing is cut off');
}

export async function an_edit_to_nothing_offers_to_delete(told) {
  const { ada } = await twoPeople(told);
  await ada.openChat('Harbour');
  await ada.write('soon gone');
  await ada.use(ada.sent('soon gone'), 'Edit');
  await ada.write('');
  await ada.page.getByRole('button', { name: 'Delete message' }).click();
  await ada.page.locator('.log .stub', { hasText: 'Message deleted' }).waitFor();
  await eventually(() => ada.composer.inputValue(), '', 'an empty composer');
  assert.equal(await ada.page.getByRole('button', { name: 'Stop editing' }).count(), 0);
}

export async function the_settings_lead_back_to_the_chat(told) {
  const { ada, chat } = await twoPeople(told);
  const { page } = ada;
  const inChat = () => eventually(() => new URL(page.url()).pathname, `/c/${chat.id}`, 'back in the chat');
  await ada.openChat('Harbour');
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('link', { name: 'Profile' }).click();
  await page.getByRole('link', { name: 'Back to chats' }).click();
  await inChat();
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('heading', { name: 'Appearance' }).waitFor();
  await page.keyboard.press('Escape');
  await inChat();
}

export async function a_search_that_finds_nothing_is_accessible(told) {
  const { ada } = await twoPeople(told);
  const { page } = ada;
  await ada.openChat('Harbour');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('zzzzzz');
  await page.getByText('Nothing here is called').waitFor();
  await accessible(page, 'a switcher without results');
  // What lies over the page is in the history: leaving before it is gone from there would be undone.
  const gone = page.evaluate(() => new Promise((done) => addEventListener('popstate', () => done(null), { once: true })));
  await page.keyboard.press('Escape');
  await gone;
  await page.goto(`${ada.server.url}/new`);
  await page.getByRole('combobox').fill('zzzzzz');
  await page.getByText('Nobody here is called').waitFor();
  await accessible(page, 'a people picker without results');
}

export async function the_list_of_chats_is_walked_by_arrows(told) {
  const { ada, server } = await twoPeople(told);
  const { page } = ada;
  for (const name of ['Anchor', 'Ballast']) await server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name, members: [] });
  await ada.row('Ballast').waitFor();
  const here = () => page.evaluate(() => document.activeElement?.querySelector('.row-name')?.textContent);
  const rows = await page.locator('.sidebar a.row .row-name').allTextContents();
  assert.equal(await page.locator('.sidebar a.row:not([tabindex="-1"])').count(), 1, 'one row is a stop for Tab');
  await page.locator('.sidebar a.row:not([tabindex="-1"])').focus();
  for (const [key, name] of [['ArrowDown', rows[1]], ['ArrowDown', rows[2]], ['ArrowDown', rows[2]], ['Home', rows[0]], ['End', rows[2]], ['ArrowUp', rows[1]]]) {
    await page.keyboard.press(key);
    assert.equal(await here(), name, key);
  }
  await page.keyboard.press('Enter');
  await ada.composer.waitFor();
  await page.getByRole('heading', { name: rows[1], exact: true }).first().waitFor();
  assert.equal(await page.evaluate(() => document.querySelector('a[href], button, input, textarea').textContent), 'Skip to writing', 'the first stop of Tab');
  await page.getByRole('button', { name: 'Skip to writing' }).focus();
  await page.keyboard.press('Enter');
  assert.equal(await focused(page), true, 'the link leads to the composer');
}

export async function unread_chats_can_be_shown_alone_and_mark_the_tab(told) {
  const { ada, bo, server } = await twoPeople(told);
  const { page } = bo;
  await server.ask('bo', 'POST', '/v1/chats', { kind: 'group', name: 'Quiet', members: [] });
  await bo.row('Quiet').waitFor();
  const icon = () => page.locator('link[rel="icon"]').getAttribute('href');
  assert.equal(await icon(), '/icon.svg');
  await ada.openChat('Harbour');
  await ada.write('look here');
  await bo.row('Harbour').filter({ hasText: '1 unread message' }).waitFor();
  await eventually(() => page.title(), '(1) Petit chat', 'the title');
  await eventually(icon, '/icon-unread.svg', 'the icon of the tab');
  assert.equal((await page.request.get(`${server.url}/icon-unread.svg`)).status(), 200);
  await page.getByRole('button', { name: 'Unread only' }).click();
  await bo.row('Quiet').waitFor({ state: 'detached' });
  await bo.openChat('Harbour');
  await bo.row('Harbour').filter({ hasNotText: 'unread' }).waitFor();
  await eventually(icon, '/icon.svg', 'the icon once it is read');
  await page.goto(server.url);
  await page.getByText('Nothing is unread.').waitFor();
  await page.getByRole('button', { name: 'Show all chats' }).click();
  await bo.row('Quiet').waitFor();
}

export async function the_sheet_and_the_tooltips_name_the_same_keys(told) {
  const { ada } = await twoPeople(told);
  const { page } = ada;
  await ada.openChat('Harbour');
  await ada.write('with tools');
  await ada.sent('with tools').hover();
  await page.getByRole('button', { name: 'Reply', exact: true }).waitFor();
  const tips = await page.locator('.tools-pop button, .format button').evaluateAll((all) => all.flatMap(({ title }) => title.match(/^(.+) \((.+)\)$/u)?.slice(1, 3).join(': ') ?? []));
  assert.ok(tips.length >= 5, `tooltips with keys: ${tips}`);
  await page.keyboard.press('Control+/');
  const rows = await page.getByRole('dialog').locator('.key').evaluateAll((all) => all.map((row) => `${row.querySelector('dt').textContent}: ${[...row.querySelectorAll('kbd')].map((key) => key.textContent).join(' ')}`));
  for (const tip of tips) assert.ok(rows.some((row) => row.startsWith(tip)), `${tip} is not in the sheet: ${rows}`);
}
