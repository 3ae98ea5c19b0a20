import { accessibleInAll } from '../axe.js';
import { desktop, narrow, Visitor } from '../browser.js';
import { fitsSideways } from '../check.js';
import { pin, react, twoPeople } from './world.js';

const text = 'the first text';

/** What lies over a chat or beside it, and how it comes there. */
const layers = {
  'the chat details': ({ page }) => openDetails(page),
  'the menu of a member': async ({ page }) => {
    await openDetails(page);
    await page.getByText('@bo').hover();
    await page.getByRole('button', { name: 'Actions for Bo Lindqvist' }).click();
    await page.getByRole('menu').waitFor();
  },
  'the menu of a chat': async ({ page }) => {
    await openDetails(page);
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByRole('menu').waitFor();
  },
  'what to be told of in a chat': async ({ page }) => {
    await openDetails(page);
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByRole('menuitem', { name: 'Notify about…' }).click();
    await page.getByRole('menuitemradio', { name: 'Everything' }).waitFor();
  },
  'a new section': async ({ page }) => {
    await openDetails(page);
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByRole('menuitem', { name: 'Move to section…' }).click();
    await page.getByRole('menuitem', { name: 'New section…' }).click();
    await page.getByRole('dialog', { name: 'New section' }).waitFor();
  },
  'adding people': async ({ page }) => {
    await openDetails(page);
    await page.getByRole('button', { name: 'Add people' }).first().click();
    await page.getByRole('dialog').waitFor();
  },
  'renaming a chat': async ({ page }) => {
    await openDetails(page);
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('dialog').waitFor();
  },
  'the settings of a chat': async ({ page }) => {
    await openDetails(page);
    await page.locator('.quick').getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('dialog', { name: 'Chat settings' }).waitFor();
  },
  'archived chats': async ({ page }) => {
    await page.goto(page.url().replace(/\/c\/.*/u, '/'));
    await page.locator('button.server').click();
    await page.getByRole('menuitem', { name: 'Archived chats' }).click();
    await page.getByRole('dialog', { name: 'Archived chats' }).getByText('Old pier').waitFor();
  },
  'leaving a chat': async ({ page }) => {
    await openDetails(page);
    await page.getByRole('button', { name: 'Leave chat' }).click();
    await page.getByRole('alertdialog').waitFor();
  },
  'the menu of a message': async (visitor) => {
    await visitor.use(visitor.sent(text), 'More actions');
    await visitor.page.getByRole('menu').waitFor();
  },
  'deleting a message': async (visitor) => {
    await visitor.use(visitor.sent(text), 'Delete');
    await visitor.page.getByRole('alertdialog').waitFor();
  },
  'earlier texts': async ({ page }) => {
    await page.getByRole('button', { name: 'Edited, show earlier texts' }).click();
    await page.getByRole('dialog').locator('li').nth(1).waitFor();
  },
  'who reacted': async ({ page }) => {
    await page.locator('.react[data-emoji]').first().click({ button: 'right' });
    await page.getByRole('dialog', { name: 'Who reacted' }).getByText('Bo Lindqvist').waitFor();
  },
  'forwarding a message': async (visitor) => {
    await visitor.use(visitor.sent(text), 'More actions');
    await visitor.page.getByRole('menuitem', { name: 'Forward…' }).click();
    await visitor.page.getByRole('dialog', { name: 'Forward message' }).getByRole('option').first().waitFor();
  },
  'the pinned messages': async ({ page }) => {
    await page.getByRole('button', { name: '1 pin' }).click();
    await page.getByRole('dialog', { name: 'Pinned messages' }).getByText('Pinned by Bo Lindqvist').waitFor();
  },
  'what became of a message': async (visitor) => {
    await visitor.use(visitor.sent(text), 'More actions');
    await visitor.page.getByRole('menuitem', { name: 'Message details' }).click();
    await visitor.page.getByRole('dialog', { name: 'Message details' }).getByText('Stored on the server').waitFor();
  },
  'an emoji to react with': async ({ page }) => {
    await page.locator('.react').last().click();
    await page.getByRole('option', { name: 'grinning face', exact: true }).waitFor();
  },
  'changing a message': async (visitor) => {
    await visitor.use(visitor.sent(text), 'Edit');
    await visitor.page.getByRole('button', { name: 'Stop editing' }).waitFor();
  },
  'answering a message': async (visitor) => {
    await visitor.use(visitor.sent(text), 'Reply');
    await visitor.page.getByRole('button', { name: 'Do not reply' }).waitFor();
  },
  'people to mention': async (visitor) => {
    await visitor.composer.pressSequentially('@b');
    await visitor.page.getByRole('option', { name: /Bo Lindqvist/u }).waitFor();
  },
  'the card of a person': async (visitor) => {
    await visitor.sent(text).locator('.who').click();
    await visitor.page.getByRole('dialog', { name: 'Ada Holm' }).waitFor();
  },
  'emoji by their names': async (visitor) => {
    await visitor.composer.fill('');
    await visitor.composer.pressSequentially(':hea');
    await visitor.page.getByRole('option', { name: /red heart/u }).waitFor();
  },
  'emoji to choose from': async ({ page }) => {
    await page.getByRole('button', { name: 'Add an emoji' }).click();
    await page.getByRole('option', { name: 'grinning face', exact: true }).waitFor();
  },
  'a message that can be taken back': async (visitor) => {
    await visitor.write('not yet');
    await visitor.page.getByRole('button', { name: 'Undo sending' }).waitFor();
  },
  'what is set about sending': async ({ page }) => {
    await page.goto(new URL('/settings/sending', page.url()).href);
    await page.getByRole('radio', { name: '30 seconds' }).waitFor();
  },
  'the keyboard shortcuts': async ({ page }) => {
    await page.keyboard.press('Control+/');
    await page.getByRole('dialog').waitFor();
  },
  'results of the switcher': async ({ page }) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('ha');
    await page.getByRole('option').first().waitFor();
  },
};

async function openDetails(page) {
  const panel = page.getByRole('complementary', { name: 'Chat details' }).or(page.getByRole('dialog', { name: 'Chat details' }));
  const button = page.getByRole('button', { name: 'Details', exact: true });
  // It may be open and not here yet.
  if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
  await panel.getByText('Bo Lindqvist').waitFor();
}

async function look(told, viewport) {
  const { server, chat } = await twoPeople(told);
  const first = await server.ask('ada', 'POST', `/v1/chats/${chat.id}/messages`, { text: 'a draft of it', client_id: crypto.randomUUID() });
  await server.ask('ada', 'PATCH', `/v1/chats/${chat.id}/messages/${first.seq}`, { text });
  await react(server, 'bo', chat.id, first.seq, '👍');
  await pin(server, 'bo', chat.id, first.seq);
  await server.ask('ada', 'PATCH', `/v1/chats/${chat.id}`, { topic: 'Boats and tides', description: 'For all who sail.\nBe kind.' });
  const old = await server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name: 'Old pier', members: [] });
  await server.ask('ada', 'PATCH', `/v1/chats/${old.id}`, { archived: true });
  await server.ask('ada', 'PATCH', '/v1/me/settings', { undo_s: 30 });
  const visitor = await Visitor.open(told.browser, server, { viewport, reducedMotion: 'reduce' });
  told.after(() => visitor.close());
  await visitor.signIn('ada');
  for (const [name, open] of Object.entries(layers)) {
    await visitor.page.goto(`${server.url}/c/${chat.id}`);
    await visitor.sent(text).waitFor();
    await open(visitor);
    const where = `${name}, ${viewport.width} px`;
    await accessibleInAll(visitor.page, where);
    await fitsSideways(visitor.page, where);
  }
}

export const every_dialog_and_menu_is_accessible_on_a_desktop = (told) => look(told, desktop);
export const every_dialog_and_menu_is_accessible_at_320_pixels = (told) => look(told, narrow);
