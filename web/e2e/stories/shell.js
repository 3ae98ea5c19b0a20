import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Visitor } from '../browser.js';
import { eventually } from '../check.js';
import { FrontedServer } from '../front.js';
import { fill, twoPeople } from './world.js';

const withFront = (told) => twoPeople(told, () => FrontedServer.start());

/** Waits until the whole client is kept on this device and its worker is in charge. */
const kept = (page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => new Promise((done) => (navigator.serviceWorker.controller ? done() : navigator.serviceWorker.addEventListener('controllerchange', done, { once: true })))));

/** Every address of which something is kept in caches. */
const cached = (page) =>
  page.evaluate(async () => {
    const caught = await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)));
    return caught.flat().sort();
  });

const buildOf = (page) => page.evaluate(() => document.querySelector('meta[name="build"]')?.content ?? 'older');

/** The server is replaced by one with a newer build; pages find out when they are connected again. */
async function release(server) {
  await server.kill();
  server.isNewer = true;
  await server.up();
}

const update = (page) => page.getByRole('button', { name: 'Update to the new version' });

export async function without_a_network_a_reload_shows_the_chats_and_what_was_written(told) {
  const { ada, bo, server, chat } = await twoPeople(told);
  await fill(server, chat, 60);
  await ada.openChat('Harbour');
  await ada.message('number 59').waitFor();
  await kept(ada.page);
  await ada.composer.fill('half a sent');
  await ada.context.setOffline(true);
  await ada.page.reload();
  await ada.message('number 59').waitFor();
  await ada.row('Harbour').waitFor();
  await eventually(() => ada.composer.inputValue(), 'half a sent', 'the draft without a network');
  await ada.composer.pressSequentially('ence');
  await ada.composer.press('Enter');
  await ada.message('half a sentence').waitFor();
  // Again, before anybody could have sent it; and what needs no server is there, too.
  await ada.page.reload();
  await ada.message('half a sentence').getByText('Waiting for connection').waitFor();
  await ada.page.keyboard.press('Control+/');
  await ada.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await ada.page.keyboard.press('Escape');
  await ada.page.waitForFunction(() => !history.state?.layers);
  await ada.page.goto(`${server.url}/settings/appearance`);
  await ada.page.getByRole('heading', { name: 'Appearance' }).first().waitFor();
  await ada.context.setOffline(false);
  await bo.openChat('Harbour');
  await bo.sent('half a sentence').waitFor();
}

export async function who_does_not_want_to_wait_tries_now(told) {
  const { ada, server } = await twoPeople(told);
  await ada.openChat('Harbour');
  await kept(ada.page);
  await server.kill();
  await ada.page.reload();
  await ada.write('while it was gone');
  const tryNow = ada.page.getByRole('button', { name: 'Try now' });
  await tryNow.waitFor();
  // By then the next attempt of its own is far away, or may be.
  await ada.page.waitForTimeout(8_000);
  await server.up();
  await tryNow.click();
  await ada.sent('while it was gone').waitFor({ timeout: 4_000 });
  await tryNow.waitFor({ state: 'detached' });
}

export async function a_new_build_waits_for_who_writes_and_takes_no_word(told) {
  const { ada, server } = await withFront(told);
  const { page } = ada;
  await ada.openChat('Harbour');
  await ada.write('said before');
  await ada.sent('said before').waitFor();
  await kept(page);
  await ada.composer.fill('a long thou');
  await release(server);
  await update(page).waitFor();
  // Nothing happens to who goes on writing.
  await ada.composer.pressSequentially('ght, ');
  await page.waitForTimeout(1_000);
  assert.equal(await buildOf(page), 'older');
  assert.equal(await ada.composer.evaluate((field) => field === document.activeElement), true, 'the field keeps focus');
  await ada.composer.pressSequentially('and its end');
  await update(page).click();
  await eventually(() => buildOf(page).catch(() => null), 'newer', 'the build after the click');
  await eventually(() => ada.composer.inputValue(), 'a long thought, and its end', 'the draft');
  await ada.message('said before').waitFor();
  await ada.composer.press('Enter');
  await ada.sent('a long thought, and its end').waitFor();
  await update(page).waitFor({ state: 'detached' });
  await eventually(() => page.evaluate(() => caches.keys()), ['petit-shell-newer'], 'the builds kept');
}

export async function a_reload_of_the_only_page_takes_the_new_build_and_of_one_of_two_does_not(told) {
  const { ada, server } = await withFront(told);
  const first = ada.page;
  await ada.openChat('Harbour');
  await kept(first);
  const second = await ada.newPage();
  await second.goto(server.url);
  await ada.row('Harbour').waitFor();
  await release(server);
  await update(first).waitFor();
  await second.reload();
  await ada.row('Harbour').waitFor();
  assert.equal(await buildOf(second), 'older', 'the other page needs its build');
  await first.locator('.composer textarea').fill('in the first page');
  await second.close();
  await first.reload();
  await eventually(() => buildOf(first).catch(() => null), 'newer', 'the build after the reload');
  await eventually(() => first.locator('.composer textarea').inputValue(), 'in the first page', 'the draft');
  // The page that was replaced may still have been there when the new worker began: then the next one tidies.
  await first.reload();
  await eventually(() => first.evaluate(() => caches.keys()), ['petit-shell-newer'], 'the builds kept');
}

export async function an_old_page_goes_on_after_another_one_took_the_new_build(told) {
  const { ada, server } = await withFront(told);
  const first = ada.page;
  await ada.openChat('Harbour');
  await kept(first);
  await ada.context.addInitScript(() => (globalThis.requestIdleCallback = () => 0));
  const second = await ada.newPage();
  await second.goto(first.url());
  await ada.composer.fill('typed in the old page');
  await release(server);
  await update(first).click();
  await eventually(() => buildOf(first).catch(() => null), 'newer', 'the page that asked');
  assert.equal(await buildOf(second), 'older', 'the other page is left alone');
  // Its parts are neither on the server any more nor in what the browser keeps by itself, and come all the same.
  await (await ada.context.newCDPSession(second)).send('Network.clearBrowserCache');
  await second.getByRole('button', { name: 'New chat' }).click();
  await second.getByRole('dialog', { name: 'New chat' }).waitFor();
  await second.keyboard.press('Escape');
  await update(second).click();
  await eventually(() => buildOf(second).catch(() => null), 'newer', 'the other page, when it asked');
  await eventually(() => ada.composer.inputValue(), 'typed in the old page', 'the draft');
}

export async function without_a_worker_a_part_that_is_gone_from_the_server_is_told_and_a_reload_mends_it(told) {
  const { server, chat } = await withFront(told);
  const visitor = await Visitor.open(told.browser, server, { serviceWorkers: 'block' });
  told.after(() => visitor.close());
  await visitor.context.addInitScript(() => (globalThis.requestIdleCallback = () => 0));
  // Not by way of the first screen, which has parts that come later itself.
  await visitor.signIn('ada', `/c/${chat.id}`);
  await visitor.composer.waitFor();
  await visitor.composer.fill('not lost');
  await release(server);
  const { page } = visitor;
  await page.getByRole('button', { name: 'New chat' }).click();
  const missing = page.getByRole('dialog', { name: 'This could not be loaded' });
  await missing.getByRole('button', { name: 'Reload' }).click();
  await page.getByRole('dialog', { name: 'New chat' }).waitFor();
  assert.equal(await buildOf(page), 'newer');
  await page.keyboard.press('Escape');
  await visitor.openChat('Harbour');
  await eventually(() => visitor.composer.inputValue(), 'not lost', 'what was written');
}

export async function only_the_client_itself_is_kept_in_caches_and_signing_out_leaves_none_of_it(told) {
  const { ada, server } = await twoPeople(told);
  const { page } = ada;
  await ada.openChat('Harbour');
  await kept(page);
  await ada.write('a secret');
  await ada.sent('a secret').waitFor();
  await page.goto(`${server.url}/settings/devices`);
  await page.getByRole('heading', { name: 'Devices' }).first().waitFor();
  const paths = await cached(page);
  assert.ok(paths.includes('/index.html') && paths.some((path) => path.endsWith('.css')), 'the client is kept');
  assert.deepEqual(paths.filter((path) => !/^\/(?:assets\/[\w.-]+|index\.html|icon[\w-]*\.(?:svg|png)|manifest\.webmanifest)$/u.test(path)), []);
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Petit chat' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('Username').waitFor();
  assert.deepEqual(await cached(page), []);
  assert.deepEqual(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope)), []);
  assert.deepEqual(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name)), ['petit']);
  assert.equal(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('petit-words')).length), 0);
  await ada.context.setOffline(true);
  await assert.rejects(page.goto(server.url), /ERR_INTERNET_DISCONNECTED/u);
  await ada.context.setOffline(false);
  // The next one here gets it again.
  await ada.signIn('bo');
  await kept(page);
  assert.ok((await cached(page)).includes('/index.html'));
}

export async function it_can_be_installed(told) {
  const { server } = await twoPeople(told);
  const folder = await mkdtemp(join(tmpdir(), 'petit-profile-'));
  told.after(() => rm(folder, { recursive: true, force: true }));
  // In a private window nothing can be installed.
  const context = await chromium.launchPersistentContext(folder, { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  told.after(() => context.close());
  const page = context.pages()[0] ?? (await context.newPage());
  const visitor = Object.assign(new Visitor(), { server, context, page });
  await visitor.signIn('ada');
  await kept(page);
  const debug = await context.newCDPSession(page);
  const { errors, manifest } = await debug.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  assert.equal(manifest?.name ?? 'Petit chat', 'Petit chat');
  const { installabilityErrors } = await debug.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors, []);
}
