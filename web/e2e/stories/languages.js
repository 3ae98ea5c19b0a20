import assert from 'node:assert/strict';
import { accessible } from '../axe.js';
import { desktop, Visitor } from '../browser.js';
import { eventually } from '../check.js';
import { everyWordIsStrange, nothingOverflows } from '../overflow.js';
import { startServer } from '../profile.js';
import { screens } from './accessibility.js';
import { twoPeople } from './world.js';

const narrow = { width: 320, height: 640 };

/** Keeps choices as the settings do. */
const choose = (page, prefs) =>
  page.evaluate((chosen) => localStorage.setItem('petit-prefs', JSON.stringify({ ...JSON.parse(localStorage.getItem('petit-prefs') ?? '{}'), ...chosen })), prefs);

/** Alice in the demo's harbour, with these choices made. */
async function alice({ browser, after }, prefs, options) {
  const server = await startServer({ demo: true });
  after(() => server.down());
  const visitor = await Visitor.open(browser, server, { reducedMotion: 'reduce', ...options });
  after(() => visitor.close());
  await visitor.signIn('alice');
  await choose(visitor.page, prefs);
  visitor.chats = (await server.ask('alice', 'GET', '/v1/chats')).items;
  return visitor;
}

/** Looks at every screen, and at what lies over one, with `check`. */
async function walk({ page, server, chats }, where, look) {
  const found = [];
  const check = (...at) => look(...at).catch((error) => found.push(error.message));
  for (const [name, path] of screens) {
    await page.goto(server.url + (typeof path === 'string' ? path : path(chats)));
    await page.waitForLoadState('networkidle');
    await page.getByRole('heading').first().waitFor({ state: 'attached' });
    await page.evaluate(() => document.fonts.ready);
    await check(page, `${name}, ${where}`);
  }
  await page.goto(`${server.url}/`);
  await page.locator('.sidebar, .chat').first().waitFor();
  for (const key of ['Control+k', 'Control+/']) {
    await page.keyboard.press(key);
    await page.getByRole('dialog').waitFor();
    await check(page, `${key}, ${where}`);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !history.state?.layers);
  }
  assert.equal(found.join('\n'), '', `${found.length} screens do not hold`);
}

async function holds(page, where) {
  await accessible(page, where);
  await nothingOverflows(page, where);
}

async function strange(told, viewport) {
  const visitor = await alice(told, { language: 'pseudo' }, { viewport });
  await walk(visitor, `from the right, ${viewport.width} px`, async (page, where) => {
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).direction), 'rtl', where);
    await holds(page, where);
    await everyWordIsStrange(page, where);
  });
}

export const every_screen_holds_in_a_long_language_from_the_right = (told) => strange(told, desktop);
export const every_screen_holds_in_a_long_language_from_the_right_on_a_narrow_phone = (told) => strange(told, narrow);

export async function every_screen_holds_in_french_on_a_narrow_phone(told) {
  const visitor = await alice(told, { language: 'fr' }, { viewport: narrow });
  await walk(visitor, 'French, 320 px', async (page, where) => {
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'fr', where);
    await holds(page, where);
  });
}

/** A window of 1280 by 1024 in which everything is drawn larger has room for that much less. */
const zoomed = (times) => ({ viewport: { width: 1280 / times, height: 1024 / times }, deviceScaleFactor: times });

export async function every_screen_holds_at_twice_the_size(told) {
  await walk(await alice(told, {}, zoomed(2)), '200 %', holds);
}

export async function every_screen_holds_at_four_times_the_size_with_room_for_messages(told) {
  const visitor = await alice(told, {}, zoomed(4));
  await walk(visitor, '400 %', holds);
  const { page, server, chats } = visitor;
  await page.goto(`${server.url}/c/${chats.find(({ kind }) => kind === 'group').id}`);
  await page.locator('.log article').last().waitFor();
  const room = () => page.evaluate(() => document.querySelector('.timeline').clientHeight / innerHeight);
  const idle = await room();
  assert.ok(idle >= 0.5, `messages have ${Math.round(idle * 100)} % of the window`);
  await visitor.composer.fill('something\nof several\nlines');
  const writing = await room();
  assert.ok(writing >= 0.35, `while somebody writes they have ${Math.round(writing * 100)} %`);
  await nothingOverflows(page, 'writing, 400 %');
}

export async function every_screen_holds_when_only_the_text_is_twice_as_large(told) {
  const visitor = await alice(told, {}, { viewport: { width: 1280, height: 1024 } });
  await walk(visitor, 'text of 200 %', async (page, where) => {
    await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
    await holds(page, where);
  });
}

export async function language_hours_and_text_size_are_chosen_at_once_and_kept(told) {
  const { ada, server } = await twoPeople(told);
  const { page } = ada;
  await ada.openChat('Harbour');
  await ada.write('hello');
  await ada.sent('hello').waitFor();
  await page.goto(`${server.url}/settings/language`);
  await page.getByRole('radio', { name: '12 hours' }).check();
  await page.getByText(/It is \d{1,2}:\d\d [ap]m now/u).waitFor();
  await page.getByRole('radio', { name: 'Français' }).check();
  await page.getByRole('heading', { name: 'Langue et heure' }).waitFor();
  assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.title]), ['fr', 'Paramètres · Petit chat']);
  await page.getByRole('radio', { name: '24 heures' }).check();
  await page.goto(`${server.url}/settings/appearance`);
  const size = () => page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
  const before = await size();
  await page.getByRole('radio', { name: 'Très grande' }).check();
  await eventually(size, (now) => now > before * 1.25, 'larger text');
  await page.reload();
  await page.getByRole('heading', { name: 'Apparence' }).waitFor();
  assert.ok((await size()) > before * 1.25, 'text is as large after a reload');
  await page.getByRole('link', { name: 'Retour aux discussions' }).first().click();
  await ada.row('Harbour').waitFor();
  await ada.row('Harbour').click();
  await page.getByText('Aujourd’hui').waitFor();
  assert.match(await ada.composer.getAttribute('placeholder'), /^Message à Harbour$/u);
}

export async function enter_begins_a_new_line_for_those_who_want_it(told) {
  const { ada, server } = await twoPeople(told);
  const { page } = ada;
  await page.goto(`${server.url}/settings/keyboard`);
  await page.getByRole('radio', { name: 'Ctrl Enter sends, Enter begins a new line' }).check();
  await page.getByRole('link', { name: 'Back to chats' }).click();
  await ada.openChat('Harbour');
  await page.keyboard.type('one');
  await page.keyboard.press('Enter');
  await page.keyboard.type('two');
  await eventually(() => ada.composer.inputValue(), 'one\ntwo', 'two lines');
  await page.keyboard.press('Control+Enter');
  await ada.sent('two').waitFor();
  assert.equal(await ada.composer.inputValue(), '');
}

export async function names_that_run_the_other_way_turn_nothing_around(told) {
  const { ada, server } = await twoPeople(told);
  await server.addPerson('dana', 'דנה כהן');
  const dana = await server.person('dana');
  const chat = await server.ask('ada', 'POST', '/v1/chats', { kind: 'direct', members: [dana.id] });
  await server.ask('dana', 'POST', `/v1/chats/${chat.id}/messages`, { text: 'שלום!', client_id: 'a' });
  await ada.row('דנה כהן').click();
  const message = ada.message('שלום!');
  await message.waitFor();
  assert.equal(await message.locator('.who bdi').evaluate((one) => getComputedStyle(one).direction), 'rtl');
  assert.equal(await message.locator('.text p').evaluate((one) => getComputedStyle(one).direction), 'rtl');
  await server.ask('dana', 'POST', `/v1/chats/${chat.id}/messages`, { text: '- אחת\n- שתיים', client_id: 'b' });
  assert.equal(await ada.message('שתיים').locator('ul').evaluate((one) => getComputedStyle(one).direction), 'rtl');
  assert.equal(await ada.composer.getAttribute('placeholder'), 'Message \u2068דנה כהן\u2069');
}

export async function a_french_browser_is_spoken_to_in_french_from_the_first_page_on({ browser, after }) {
  const server = await startServer({ demo: true });
  after(() => server.down());
  const visitor = await Visitor.open(browser, server, { locale: 'fr-FR', viewport: narrow });
  after(() => visitor.close());
  const { page } = visitor;
  await page.goto(`${server.url}/`);
  await page.getByRole('heading', { name: 'Connexion à Petit chat' }).waitFor();
  await accessible(page, 'signing in, in French');
  await nothingOverflows(page, 'signing in, in French');
  await page.getByLabel('Nom d’utilisateur').fill('alice');
  await page.getByLabel('Mot de passe', { exact: true }).fill('not the one');
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByRole('alert').getByText('ne vont pas ensemble').waitFor();
  await page.getByLabel('Mot de passe', { exact: true }).fill(server.passwords.alice);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByRole('navigation', { name: 'Discussions' }).first().waitFor();
}
