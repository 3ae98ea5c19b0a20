import { accessible } from '../axe.js';
import { phone, Visitor } from '../browser.js';
import { configure } from '../cluster.js';
import { nothingOverflows } from '../overflow.js';
import { Server } from '../server.js';

/** A server that was given a name, on which nobody has an account. */
class NamedServer extends Server {
  configured() {
    return configure(this, '[server]\nname = "Harbour office"\n');
  }
}

async function arrive({ page }, link, username, name) {
  await page.goto(link);
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill('seven boats in the fog');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: `Welcome aboard, ${name.split(' ')[0]}` }).waitFor();
}

async function holds({ page }, where) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await accessible(page, `${where}, ${colorScheme}`);
    await nothingOverflows(page, `${where}, ${colorScheme}`);
  }
}

export async function the_owner_is_led_to_a_name_an_invitation_and_a_first_chat_and_the_invited_to_it({ browser, after }) {
  const server = await NamedServer.start();
  after(() => server.down());
  const visit = async (options) => {
    const visitor = await Visitor.open(browser, server, { reducedMotion: 'reduce', ...options });
    after(() => visitor.close());
    return visitor;
  };
  const owner = await visit({});
  const { page } = owner;
  await arrive(owner, server.setupLink, 'ada', 'Ada Holm');
  await page.getByText('The server is called Harbour office').waitFor();
  await page.getByText('You are on Harbour office.').waitFor();
  await holds(owner, 'the first screen of the owner');
  await page.getByRole('link', { name: /^Invite people/u }).click();
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.getByLabel('Invitation link').inputValue();
  await page.getByRole('link', { name: 'Back to chats' }).click();
  await page.getByRole('link', { name: /^Make the first chat/u }).click();
  await page.getByRole('radio', { name: 'Open chat' }).check();
  await page.getByLabel('Name', { exact: true }).fill('announcements');
  await page.getByRole('button', { name: 'Create' }).click();
  await owner.composer.waitFor();
  await page.getByText('You are the only one here so far.').waitFor();
  await holds(owner, 'a new chat with nobody else in it');
  await page.locator('.start').getByRole('button', { name: 'Add people' }).click();
  await page.getByRole('dialog', { name: 'Add people' }).waitFor();

  const guest = await visit({ viewport: phone });
  await guest.page.goto(link);
  await guest.page.getByRole('heading', { name: 'Join Harbour office' }).waitFor();
  await arrive(guest, link, 'bo', 'Bo Lindqvist');
  await guest.page.getByText('You are on Harbour office.').waitFor();
  await guest.page.getByRole('link', { name: /announcements/u }).waitFor();
  await holds(guest, 'the first screen of the invited');
  await guest.page.getByRole('link', { name: /announcements/u }).click();
  await guest.page.getByRole('button', { name: 'Join' }).click();
  await guest.composer.waitFor();
  await page.getByText('You are the only one here so far.').waitFor({ state: 'detached' });
}
