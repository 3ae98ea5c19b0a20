import assert from 'node:assert/strict';
import { eventually } from '../check.js';
import { twoPeople } from './world.js';

const draftOf = (visitor) => visitor.composer.inputValue();

export async function a_name_between_colons_becomes_an_emoji(told) {
  const { ada, bo } = await twoPeople(told);
  await ada.openChat('Harbour');
  await bo.openChat('Harbour');
  await ada.composer.pressSequentially('well :tad');
  await ada.page.getByRole('option', { name: /party popper/u }).waitFor();
  await ada.composer.press('Enter');
  await eventually(() => draftOf(ada), 'well 🎉 ', 'the emoji that was taken from the list');
  await ada.composer.pressSequentially('and :fire:');
  await eventually(() => draftOf(ada), 'well 🎉 and 🔥', 'the emoji whose name was typed whole');
  await ada.composer.pressSequentially(' not `:fire:`');
  await ada.composer.press('Enter');
  await bo.message('well 🎉 and 🔥 not :fire:').waitFor();
  // What was pasted is read when it is sent.
  await ada.write('```\n:tada:\n```\n:+1: at 10:100:20');
  await bo.message('👍 at 10:100:20').waitFor();
  await bo.message('👍 at 10:100:20').locator('pre', { hasText: ':tada:' }).waitFor();
}

export async function an_emoji_is_chosen_without_a_mouse(told) {
  const { ada } = await twoPeople(told);
  const { page } = ada;
  await ada.openChat('Harbour');
  await ada.composer.fill('so ');
  const button = page.getByRole('button', { name: 'Add an emoji' });
  await button.press('Enter');
  const field = page.getByRole('combobox', { name: 'Find an emoji' });
  await field.pressSequentially('tada');
  await page.getByRole('option', { name: 'party popper' }).and(page.locator('[aria-selected="true"]')).waitFor();
  await field.press('Enter');
  await eventually(() => draftOf(ada), 'so 🎉', 'what was chosen is written');
  await eventually(() => ada.composer.evaluate((area) => area === document.activeElement), true, 'one goes on writing');
  await ada.composer.press('Control+z');
  await eventually(() => draftOf(ada), 'so ', 'one step takes it back');

  await button.press('Enter');
  await page.getByRole('group', { name: 'Used last' }).getByRole('option', { name: 'party popper' }).waitFor();
  // From the only one used last into the first row of the next category, and along it.
  await field.press('ArrowDown');
  await field.press('ArrowRight');
  await eventually(() => page.locator('.picker [aria-selected="true"]').getAttribute('aria-label'), 'grinning face with big eyes', 'arrows lead from one category into the next');
  await field.press('Escape');
  await field.waitFor({ state: 'detached' });
  await eventually(() => button.evaluate((one) => one === document.activeElement), true, 'focus goes back to the button');

  await button.press('Enter');
  await page.getByRole('radio', { name: 'Dark skin tone', exact: true }).check({ force: true });
  await field.fill('+1');
  await field.press('Enter');
  await eventually(() => draftOf(ada), 'so 👍🏿', 'the tone that was chosen');
  await page.reload();
  await ada.composer.waitFor();
  await ada.composer.pressSequentially(' :+1:');
  await eventually(() => draftOf(ada), 'so 👍🏿 👍🏿', 'the tone is kept on this device');
  await ada.composer.fill('👍🏿🎉');
  await ada.composer.press('Enter');
  const size = (text) => ada.message(text).locator('.text').evaluate((one) => Number.parseFloat(getComputedStyle(one).fontSize));
  await ada.write('with words 🎉');
  await ada.message('with words').waitFor();
  assert.ok((await size('👍🏿🎉')) > 1.5 * (await size('with words')), 'emoji alone are shown larger');
}
