import { accessibleInAll } from '../axe.js';
import { desktop, narrow, Visitor } from '../browser.js';
import { fitsSideways } from '../check.js';
import { startServer } from '../profile.js';
import { reactedTo, save } from './world.js';

/** Every screen that has an address. */
export const screens = [
  ['the chat list', '/'],
  ['a group', (chats) => `/c/${chats.find(({ kind }) => kind === 'group').id}`],
  ['a direct chat', (chats) => `/c/${chats.find(({ kind }) => kind === 'direct').id}`],
  ['the inbox', '/inbox'],
  ['mentions', '/inbox/mentions'],
  ['what is saved', '/saved'],
  ['a missing chat', '/c/nowhere'],
  ['a new chat', '/new'],
  ['open chats', '/browse'],
  ['appearance', '/settings/appearance'],
  ['the profile', '/settings/profile'],
  ['the settings', '/settings'],
  ['notifications', '/settings/notices'],
  ['language and time', '/settings/language'],
  ['what is sent later', '/settings/later'],
  ['the devices', '/settings/devices'],
  ['the keyboard', '/settings/keyboard'],
  ['inviting', '/settings/invite'],
];

async function look({ browser, after }, viewport) {
  const server = await startServer({ demo: true });
  after(() => server.down());
  const visitor = await Visitor.open(browser, server, { viewport, reducedMotion: 'reduce' });
  after(() => visitor.close());
  const { page } = visitor;
  const isSound = async (name) => {
    const where = `${name}, ${viewport.width} px`;
    await accessibleInAll(page, where);
    await fitsSideways(page, where);
  };
  await page.goto(`${server.url}/`);
  await page.getByLabel('Username').waitFor();
  await isSound('signing in');
  await visitor.signIn('alice');
  const chats = (await server.ask('alice', 'GET', '/v1/chats')).items;
  await reactedTo(server, chats);
  const group = chats.find(({ kind }) => kind === 'group');
  await save(server, 'alice', group.id, group.head_seq);
  for (const [name, path] of screens) {
    await page.goto(server.url + (typeof path === 'string' ? path : path(chats)));
    await page.waitForLoadState('networkidle');
    await page.getByRole('heading').first().waitFor({ state: 'attached' });
    await isSound(name);
  }
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await isSound('the switcher');
}

export const every_screen_is_accessible_on_a_desktop = (told) => look(told, desktop);
export const every_screen_is_accessible_at_320_pixels = (told) => look(told, narrow);
