import { accessible } from '../axe.js';
import { phone, Visitor } from '../browser.js';
import { eventually } from '../check.js';
import { startServer } from '../profile.js';
import { twoPeople } from './world.js';

const still = { reducedMotion: 'reduce' };

/** Fills the form that makes an account. */
async function makeAccount(page, username, name, password) {
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
}

async function inBothThemes(page, where) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await accessible(page, `${where}, ${colorScheme}`);
  }
}

export async function the_printed_link_makes_an_owner_who_invites_somebody({ browser, after }) {
  const server = await startServer();
  after(() => server.down());
  const owner = await Visitor.open(browser, server, still);
  after(() => owner.close());
  await owner.page.goto(server.setupLink);
  await inBothThemes(owner.page, 'setting up');
  await makeAccount(owner.page, 'ada', 'Ada Holm', 'short');
  await owner.page.getByRole('alert').waitFor();
  await inBothThemes(owner.page, 'a refused form');
  await makeAccount(owner.page, 'ada', 'Ada Holm', 'seven boats in the fog');
  await owner.page.getByRole('navigation', { name: 'Chats' }).waitFor();
  await owner.page.goto(`${server.url}/settings/invite`);
  await owner.page.getByRole('button', { name: 'Make a link' }).click();
  const link = await owner.page.getByLabel('Invitation link').inputValue();

  const guest = await Visitor.open(browser, server, { ...still, viewport: phone });
  after(() => guest.close());
  await guest.page.goto(link);
  await inBothThemes(guest.page, 'signing up');
  await makeAccount(guest.page, 'bo', 'Bo Lindqvist', 'nine gulls on a crane');
  await guest.page.getByRole('heading', { name: 'Welcome aboard, Bo' }).waitFor();

  await owner.page.goto(`${server.url}/new`);
  await owner.page.getByRole('combobox').fill('Bo');
  await owner.page.getByRole('option', { name: /Bo Lindqvist/u }).click();
  await owner.composer.waitFor();
  await owner.write('welcome aboard');
  await guest.openChat('Ada Holm');
  await guest.sent('welcome aboard').waitFor();

  const late = await Visitor.open(browser, server, still);
  after(() => late.close());
  await late.page.goto(link);
  await late.page.getByRole('heading').first().waitFor();
  await inBothThemes(late.page, 'a used invitation');
}

export async function signing_out_leaves_nothing_behind({ browser, after }) {
  const server = await startServer({ demo: true });
  after(() => server.down());
  const visitor = await Visitor.open(browser, server, still);
  after(() => visitor.close());
  await visitor.signIn('alice');
  await visitor.page.goto(`${server.url}/settings`);
  await visitor.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await visitor.page.getByLabel('Username').or(visitor.page.getByRole('link', { name: 'Sign in' })).first().waitFor();
  await inBothThemes(visitor.page, 'signed out');
  const kept = await visitor.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name).filter((name) => name.includes('user')));
  const response = await visitor.page.request.get(`${server.url}/v1/me`);
  if (kept.length > 0 || response.status() !== 401) throw new Error(`kept ${kept}, /v1/me answers ${response.status()}`);
}

export async function one_signs_out_everywhere_else_at_once(told) {
  const { ada, server, visit } = await twoPeople(told);
  const others = [await visit('ada'), await visit('ada')];
  await ada.page.goto(`${server.url}/settings/devices`);
  await ada.page.getByRole('button', { name: 'Sign out all other browsers' }).click();
  await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click();
  for (const { page } of others) await page.getByRole('heading', { name: 'You were signed out' }).waitFor();
  await eventually(() => ada.page.locator('.session').filter({ hasText: 'This device' }).count(), 1, 'this one stays');
  await eventually(() => ada.page.getByRole('button', { name: 'Sign out all other browsers' }).count(), 0, 'there is no other one');
  await ada.page.goto(server.url);
  await ada.row('Harbour').waitFor();
}
