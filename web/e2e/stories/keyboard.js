import assert from 'node:assert/strict';
import { Visitor } from '../browser.js';
import { eventually } from '../check.js';
import { twoPeople } from './world.js';

export async function everything_in_a_chat_works_by_keyboard(told) {
  const { ada, bo } = await twoPeople(told);
  const { page } = ada;
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Harb');
  await page.getByRole('option', { name: /Harbour/u }).waitFor();
  await page.keyboard.press('Enter');
  await eventually(() => page.evaluate(() => document.activeElement?.tagName), 'TEXTAREA', 'focus in the composer');
  await page.keyboard.type('one line');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('and another');
  await page.keyboard.press('Enter');
  await ada.sent('and another').waitFor();
  await page.keyboard.press('ArrowUp');
  await eventually(() => ada.composer.inputValue(), 'one line\nand another', 'the last message to change');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('changed by keys');
  await page.keyboard.press('Enter');
  await ada.message('changed by keys').waitFor();
  await page.keyboard.press('Shift+Tab');
  await ada.message('changed by keys').focus();
  await page.keyboard.press('r');
  await page.keyboard.type('answered by keys');
  await page.keyboard.press('Enter');
  await ada.sent('answered by keys').locator('.reply').waitFor();
  await ada.message('answered by keys').focus();
  await page.keyboard.press('Delete');
  await page.getByRole('button', { name: 'Delete message' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('.log .stub').waitFor();
  await bo.openChat('Harbour');
  await eventually(() => bo.texts(), ['changed by keys', 'Message deleted'], "Bo's timeline");
}

const focused = (page) =>
  page.evaluate(() => {
    const one = document.activeElement === document.body ? null : document.activeElement;
    const label = one?.closest('label') ?? one?.labels?.[0];
    return `${one?.getAttribute('aria-label') ?? ''} ${label?.textContent ?? ''} ${one?.textContent ?? ''}`.replace(/\s+/gu, ' ').trim();
  });

/** Goes on from where the focus is until it is on what is called like this. */
async function tabTo(page, name, key = 'Tab') {
  for (let steps = 0; steps < 100; steps += 1) {
    if (name.test(await focused(page))) return;
    await page.keyboard.press(key);
  }
  assert.fail(`no way by ${key} to ${name}; the focus is on "${await focused(page)}"`);
}

export async function the_tasks_of_a_day_are_done_by_keyboard_alone(told) {
  const { server, bo } = await twoPeople(told);
  const visitor = await Visitor.open(told.browser, server);
  told.after(() => visitor.close());
  const { page } = visitor;
  const { keyboard } = page;

  // 1: to sign in.
  await page.goto(server.url);
  await page.getByLabel('Username').waitFor();
  await tabTo(page, /username/iu);
  await keyboard.type('ada');
  await tabTo(page, /password/iu);
  await keyboard.type(server.passwords.ada);
  await keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Chats' }).waitFor();

  // 2 and 3: to open a chat by the switcher, and the next that is unread.
  await bo.openChat('Harbour');
  await bo.write('first of two');
  await bo.write('second of two');
  await visitor.row('Harbour').getByText('2', { exact: true }).waitFor();
  await keyboard.press('Alt+Shift+ArrowDown');
  await visitor.sent('second of two').waitFor();
  await keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await keyboard.type('harb');
  await page.getByRole('option', { name: /Harbour/u }).waitFor();
  await keyboard.press('Enter');
  await eventually(() => page.evaluate(() => document.activeElement?.tagName), 'TEXTAREA', 'focus in the composer');

  // 4: to read message by message.
  await keyboard.press('Shift+F6');
  await eventually(() => focused(page), (text) => text.includes('second of two'), 'the newest message has the focus');
  await keyboard.press('ArrowUp');
  await eventually(() => focused(page), (text) => text.includes('first of two'), 'and the one before');

  // 9: to react, and to take that back.
  const his = bo.sent('first of two').locator('.react[data-emoji]');
  for (const state of ['visible', 'detached']) {
    await keyboard.press('+');
    await page.getByRole('combobox', { name: 'Find an emoji' }).waitFor();
    await keyboard.type('tada');
    await page.getByRole('option', { name: 'party popper' }).waitFor();
    await keyboard.press('Enter');
    await his.waitFor({ state });
    await eventually(() => focused(page), (text) => text.includes('first of two'), 'the message has the focus again');
  }
  await keyboard.press('Escape');

  // 5 and 6: an emoji, a mention, several lines and code.
  await keyboard.type('well :tad');
  await page.getByRole('option', { name: /party popper/u }).waitFor();
  await keyboard.press('Enter');
  await keyboard.type('@b');
  await page.getByRole('option', { name: /Bo Lindqvist/u }).waitFor();
  await keyboard.press('Enter');
  await keyboard.type('look:');
  for (const line of ['```js', 'let it = 1;', '```']) {
    await keyboard.press('Shift+Enter');
    await keyboard.type(line);
  }
  await keyboard.press('Enter');
  const own = visitor.sent('look:');
  await own.locator('pre').getByText('let it = 1;').waitFor();
  await own.locator('.at', { hasText: '@bo' }).waitFor();

  // 7 and 8: to change the last message, and to delete it.
  await keyboard.press('ArrowUp');
  await page.getByRole('button', { name: 'Stop editing' }).waitFor();
  await keyboard.press('Control+a');
  await keyboard.type('never mind');
  await keyboard.press('Enter');
  await visitor.sent('never mind').getByText('edited').waitFor();
  await eventually(() => visitor.composer.inputValue(), '', 'the edit has ended');
  await keyboard.press('Shift+F6');
  await eventually(() => page.evaluate(() => document.activeElement?.tagName), 'ARTICLE', 'a message has the focus');
  await keyboard.press('End');
  await eventually(() => focused(page), (text) => text.includes('never mind'), 'the newest message has the focus');
  await keyboard.press('Delete');
  await page.getByRole('alertdialog').waitFor();
  await tabTo(page, /^Delete message/u);
  await keyboard.press('Enter');
  await page.locator('.log .stub').waitFor();

  // 15: to make a chat and take somebody in.
  await tabTo(page, /New chat/u);
  await keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'New chat' }).waitFor();
  await tabTo(page, /^One person/u);
  await keyboard.press('ArrowRight');
  await tabTo(page, /^Name/u);
  await keyboard.type('By keys');
  await tabTo(page, /^People/u);
  await keyboard.type('bo');
  await page.getByRole('option', { name: /Bo Lindqvist/u }).waitFor();
  await keyboard.press('Enter');
  await tabTo(page, /^Create/u);
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'By keys' }).first().waitFor();
  await bo.row('By keys').waitFor();

  // 16: what a chat tells of itself.
  await tabTo(page, /^Options/u);
  await keyboard.press('Enter');
  for (const choice of ['Notify about…', 'Mentions of you']) {
    await page.getByRole('menu').getByText(choice, { exact: true }).waitFor();
    await tabTo(page, new RegExp(`^${choice}`, 'u'), 'ArrowDown');
    await keyboard.press('Enter');
  }
  const level = async () => (await server.ask('ada', 'GET', '/v1/chats')).items.find(({ name }) => name === 'By keys').me?.level;
  await eventually(level, 'mentions', 'the chat tells of mentions alone');

  // 18: another theme and density.
  await tabTo(page, /^Settings/u);
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Settings' }).first().waitFor();
  await tabTo(page, /^Appearance/u);
  await keyboard.press('Enter');
  await page.getByRole('radio', { name: 'Dark' }).waitFor();
  await tabTo(page, /^System/u);
  await tabTo(page, /^Dark/u, 'ArrowRight');
  await eventually(() => page.getByRole('radio', { name: 'Dark' }).isChecked(), true, 'the dark theme');
  await tabTo(page, /^Cozy|^Comfortable/u);
  await keyboard.press('ArrowRight');
  await eventually(() => page.getByRole('radio', { name: /compact/iu }).isChecked(), true, 'the compact density');
}
