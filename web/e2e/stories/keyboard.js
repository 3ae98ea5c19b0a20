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
