import { accessible } from '../axe.js';
import { desktop, phone, Visitor } from '../browser.js';
import { fitsSideways } from '../check.js';
import { startServer } from '../profile.js';

/** Every screen that has an address. */
export const screens = [
  ['the chat list', '/'],
  ['a group', (chats) => `/c/${chats.find(({ kind }) => kind === 'group').id}`],
  ['a direct chat', (chats) => `/c/${chats.find(({ kind }) => kind === 'direct').id}`],
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

async function look({ browser, after }, colorScheme, viewport) {
  const server = await startServer({ demo: true });
  after(() => server.down());
  const where = `${colorScheme}, ${viewport.width} px`;
  const visitor = await Visitor.open(browser, server, { viewport, colorScheme, reducedMotion: 'reduce' });
  after(() => visitor.close());
  const { page } = visitor;
  await page.goto(`${server.url}/`);
  await page.getByLabel('Username').waitFor();
  await accessible(page, `signing in, ${where}`);
  await fitsSideways(page, `signing in, ${where}`);
  await visitor.signIn('alice');
  const chats = (await server.ask('alice', 'GET', '/v1/chats')).items;
  for (const [name, path] of screens) {
    await page.goto(server.url + (typeof path === 'string' ? path : path(chats)));
    await page.waitForLoadState('networkidle');
    await page.getByRole('heading').first().waitFor({ state: 'attached' });
    await accessible(page, `${name}, ${where}`);
    await fitsSideways(page, `${name}, ${where}`);
  }
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await accessible(page, `the switcher, ${where}`);
}

export const every_screen_is_accessible_in_light_on_a_desktop = (told) => look(told, 'light', desktop);
export const every_screen_is_accessible_in_dark_on_a_desktop = (told) => look(told, 'dark', desktop);
export const every_screen_is_accessible_in_light_on_a_phone = (told) => look(told, 'light', phone);
export const every_screen_is_accessible_in_dark_on_a_phone = (told) => look(told, 'dark', phone);
