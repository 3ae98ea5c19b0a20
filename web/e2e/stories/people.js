import { phone } from '../browser.js';
import { eventually } from '../check.js';
import { twoPeople } from './world.js';

const focused = (locator) => locator.evaluate((one) => one === document.activeElement);

export async function names_faces_and_mentions_lead_to_a_card(told) {
  const { ada, bo } = await twoPeople(told);
  const { page } = ada;
  await bo.openChat('Harbour');
  await bo.write('good morning @ada, says @bo today');
  await ada.openChat('Harbour');
  const message = ada.sent('good morning');
  const card = page.getByRole('dialog', { name: 'Bo Lindqvist' });
  for (const place of ['.who', '.face', '.at:has-text("@bo")']) {
    await message.locator(place).click();
    await card.getByText('@bo · Online').waitFor();
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });
  }
  // By keyboard: the row, its letter, and back to the row.
  await message.focus();
  await page.keyboard.press('w');
  await eventually(() => focused(card.getByRole('button', { name: 'Send a message' })), true, 'focus is in the card');
  await page.goBack();
  await card.waitFor({ state: 'detached' });
  await eventually(() => focused(message), true, 'focus goes back to the message');
  const mention = message.getByRole('button', { name: '@bo' });
  await mention.press('Enter');
  await card.waitFor();
  await page.keyboard.press('Escape');
  await eventually(() => focused(mention), true, 'focus goes back to the mention');
  await page.getByRole('complementary', { name: 'Chat details' }).getByRole('button', { name: /^Bo Lindqvist @bo/u }).click();
  await card.waitFor();
}

export async function a_card_leads_to_the_chat_with_somebody_and_ones_own_to_the_settings(told) {
  const { ada, server } = await twoPeople(told);
  const { page } = ada;
  await ada.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await ada.openChat('Harbour');
  await ada.write('hello @bo, from @ada here');
  await ada.sent('hello').locator('.at', { hasText: '@bo' }).click();
  await page.getByRole('button', { name: 'Copy username' }).click();
  await eventually(() => page.evaluate(() => navigator.clipboard.readText()), '@bo', 'what was copied');
  await page.getByRole('button', { name: 'Send a message' }).click();
  await page.getByRole('heading', { name: 'Bo Lindqvist' }).first().waitFor();
  await eventually(() => focused(ada.composer), true, 'one may write at once');
  await ada.write('just us, @bo here');
  const direct = page.url();
  // There is one chat of two, and nothing to fear where one is in it already.
  await ada.sent('just us').locator('.at').click();
  await page.getByRole('button', { name: 'Send a message' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await eventually(() => focused(ada.composer), true, 'one goes on writing');
  await eventually(() => page.url(), direct, 'it is the same chat');

  await ada.openChat('Harbour');
  await ada.sent('hello').locator('.who').click();
  const own = page.getByRole('dialog', { name: 'Ada Holm' });
  await own.getByRole('link', { name: 'Edit your profile' }).waitFor();
  await eventually(() => own.getByRole('button', { name: 'Send a message' }).count(), 0, 'nobody writes to themselves from here');
  await own.getByRole('link', { name: 'Edit your profile' }).click();
  await page.waitForURL(`${server.url}/settings/profile`);
}

export async function a_card_is_a_sheet_on_a_phone_and_back_closes_it(told) {
  const { ada, visit } = await twoPeople(told);
  await ada.openChat('Harbour');
  await ada.write('on the way');
  const bo = await visit('bo', { viewport: phone, hasTouch: true, isMobile: true });
  await bo.openChat('Harbour');
  const place = bo.page.url();
  await bo.sent('on the way').locator('.face').tap();
  const card = bo.page.getByRole('dialog', { name: 'Ada Holm' });
  await eventually(async () => Math.round((await card.boundingBox()).width), phone.width, 'it is as wide as the screen');
  await bo.page.goBack();
  await card.waitFor({ state: 'detached' });
  await eventually(() => bo.page.url(), place, 'the chat is still open');
}
