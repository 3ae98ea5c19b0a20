import assert from 'node:assert/strict';
import { Visitor } from '../browser.js';
import { Loading } from '../loading.js';
import { twoPeople } from './world.js';

/** What the first messages need. */
const most = 78_000;

/** Somebody on a device that has nothing of the client yet, and keeps nothing. */
async function newcomer(told, server) {
  const visitor = await Visitor.open(told.browser, server, { serviceWorkers: 'block' });
  told.after(() => visitor.close());
  return visitor;
}

export async function the_first_chat_needs_little_script(told) {
  const { ada, server, chat } = await twoPeople(told);
  await ada.openChat('Harbour');
  await ada.write('hello');
  await ada.sent('hello').waitFor();
  const visitor = await newcomer(told, server);
  // On a full machine the page may be idle before it is looked at: what comes later is not counted.
  await visitor.context.addInitScript(() => (globalThis.requestIdleCallback = () => 0));
  // Nor is the panel of details, which comes right after the messages.
  await visitor.context.addInitScript(() => localStorage.setItem('petit-prefs', JSON.stringify({ details: false })));
  await visitor.signIn('ada');
  const page = await visitor.newPage();
  const loading = await Loading.watch(page);
  await page.goto(`${server.url}/c/${chat.id}`);
  await visitor.message('hello').waitFor();
  const { bytes, count } = loading.of('Script');
  console.log(`     ${(bytes / 1000).toFixed(1)} kB of script in ${count} files`);
  assert.ok(count > 0 && bytes <= most, `${bytes} bytes of script, ${most} at most`);
}

export async function signing_in_needs_no_script(told) {
  const { server, chat } = await twoPeople(told);
  const { page } = await newcomer(told, server);
  const loading = await Loading.watch(page);
  await page.goto(`${server.url}/c/${chat.id}`);
  await page.getByLabel('Username').fill('ada');
  await page.waitForLoadState('networkidle');
  assert.deepEqual(loading.of('Script'), { bytes: 0, count: 0 });
  await page.getByLabel('Password', { exact: true }).fill(server.passwords.ada);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${server.url}/c/${chat.id}`);
}
