import assert from 'node:assert/strict';
import { eventually } from '../check.js';
import { payloads } from '../payloads.js';
import { pin, save, twoPeople } from './world.js';

/** Runs in the page: what stands in it that no text may bring along. */
function foreign() {
  const own = new Set(['src', 'type', 'crossorigin']);
  const bad = [...document.querySelectorAll('*')].flatMap((one) => {
    const handlers = one.getAttributeNames().filter((name) => name.startsWith('on') || (one.localName === 'script' && !own.has(name)));
    const leads = ['href', 'src', 'action', 'formaction', 'data', 'srcdoc', 'xlink:href'].filter((name) => /^\W*(?:javascript|vbscript|data:text)/iu.test(one.getAttribute(name) ?? ''));
    const isForeign = ['iframe', 'object', 'embed', 'base', 'marquee', 'math', 'xss', 'video', 'audio'].includes(one.localName);
    return handlers.length + leads.length > 0 || isForeign ? one.outerHTML.slice(0, 200) : [];
  });
  return bad;
}

/** Whoever looks, with nothing but the client itself between them and a script: what the server forbids scripts is off. */
async function exposed({ visit }) {
  const ada = await visit('ada', { bypassCSP: true });
  const ran = [];
  ada.context.on('dialog', (dialog) => (ran.push(dialog.message()), dialog.dismiss()));
  ada.context.on('request', (request) => request.url().includes('evil.test') && ran.push(request.url()));
  const isClean = async (where) => {
    assert.deepEqual(await ada.page.evaluate(`(${foreign})()`), [], where);
    assert.deepEqual(ran, [], `${where}: a script ran`);
  };
  return { ada, isClean };
}

/** As much of it as a name has room for, on one line. */
const asName = (text, most) => text.replaceAll(/[\n\t]/gu, ' ').slice(0, most).trim();

export async function three_hundred_hostile_texts_run_no_script(told) {
  const world = await twoPeople(told);
  const { server, chat } = world;
  const { ada, isClean } = await exposed(world);
  const { page } = ada;
  const say = (n, text, more = {}) => server.ask('bo', 'POST', `/v1/chats/${chat.id}/messages`, { text, client_id: `x${n}`, ...more });
  await ada.openChat('Harbour');
  for (const [n, text] of payloads.entries()) await say(n, text);
  await say('last', 'the last of them');
  await ada.sent('the last of them').waitFor();
  await isClean('live');
  const log = page.locator('.timeline');
  const first = () => page.locator('.log article[data-seq]').first().getAttribute('data-seq').then(Number);
  await eventually(async () => {
    await log.evaluate((one) => (one.scrollTop = 0));
    await isClean('scrolled up');
    return first();
  }, (seq) => seq <= 1, 'the first of them');
  const other = await server.ask('bo', 'POST', '/v1/chats', { kind: 'group', name: 'Copies', members: [(await server.person('ada')).id] });
  for (const [n, text] of payloads.entries()) await server.ask('bo', 'POST', `/v1/chats/${other.id}/messages`, { client_id: `f${n}`, forward: { chat: chat.id, seq: n + 1 }, ...(n % 2 && { text }) });
  await page.goto(`${server.url}/c/${other.id}`);
  await page.locator('.log .forwarded').nth(20).waitFor();
  await eventually(async () => {
    await log.evaluate((one) => (one.scrollTop = 0));
    await isClean('forwarded');
    return first();
  }, (seq) => seq <= 1, 'the first copy');
  await ada.openChat('Harbour');
  await ada.sent('the last of them').waitFor();
  const head = (await server.ask('ada', 'GET', `/v1/chats/${chat.id}`)).head_seq;
  for (let seq = 1; seq <= 60; seq += 1) await pin(server, 'bo', chat.id, seq);
  let newest = head;
  for (let n = 0; n < 60; n += 1) ({ seq: newest } = await say(`reply${n}`, `@ada ${payloads[n + 60]}`, { reply_to: head - n }));
  await page.goto(`${server.url}/c/${chat.id}?m=${newest}`);
  await page.locator('.log .reply').first().waitFor();
  await isClean('quotes and the strip of pins');
  await page.getByRole('button', { name: '60 pins' }).click();
  await page.getByRole('dialog', { name: 'Pinned messages' }).locator('li').nth(59).waitFor();
  await isClean('the list of pins');
  await page.goto(`${server.url}/inbox/mentions`);
  await page.locator('.inbox-mention').nth(19).waitFor();
  await isClean('mentions');
  for (let seq = 1; seq <= payloads.length; seq += 1) await save(server, 'ada', chat.id, seq);
  await page.goto(`${server.url}/saved`);
  await page.locator('.saved-item').nth(payloads.length - 1).waitFor();
  await isClean('what is saved');
  await server.ask('ada', 'PATCH', `/v1/chats/${chat.id}/me`, { unread_from: 0 });
  await page.goto(`${server.url}/inbox`);
  await page.locator('.inbox-line').first().waitFor();
  await isClean('the inbox');
}

export async function three_hundred_hostile_names_run_no_script(told) {
  const world = await twoPeople(told);
  const { server, chat } = world;
  const { ada, isClean } = await exposed(world);
  const { page } = ada;
  await ada.openChat('Harbour');
  const bo = page.locator('.panel').getByText('@bo');
  await bo.waitFor();
  await server.ask('bo', 'POST', `/v1/chats/${chat.id}/messages`, { text: 'ahoy', client_id: 'ahoy' });
  const title = page.locator('.chat > .bar .title');
  for (const [n, text] of payloads.entries()) {
    await server.ask('ada', 'PATCH', `/v1/chats/${chat.id}`, { name: asName(text, 80) });
    await server.ask('bo', 'PATCH', '/v1/me', { name: asName(text, 64) });
    await server.ask('ada', 'PATCH', `/v1/chats/${chat.id}/me`, { section: asName(text, 64) });
    if (n % 20 === 19) {
      await eventually(() => title.textContent(), asName(text, 80), 'the name of the chat');
      await eventually(() => page.locator('.log .who').last().textContent(), asName(text, 64), 'the name of a person');
      await isClean(text);
    }
  }
  const [last] = payloads.slice(-1);
  await eventually(() => page.locator('.sect > summary bdi').first().textContent(), asName(last, 64), 'the name of a section');
  await page.keyboard.press('Control+k');
  await page.getByRole('option').first().waitFor();
  await isClean('the switcher');
}

export async function three_hundred_hostile_pages_are_pasted_and_run_no_script(told) {
  const world = await twoPeople(told);
  const { ada, isClean } = await exposed(world);
  await ada.openChat('Harbour');
  await ada.composer.focus();
  await ada.composer.evaluate(async (field, texts) => {
    for (const text of texts) {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/html', `<p>here is <b>one</b>: ${text}</p>`);
      clipboardData.setData('text/plain', text);
      field.select();
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
      await new Promise((done) => setTimeout(done));
    }
  }, payloads);
  await isClean('pasted');
  await eventually(async () => (await ada.composer.inputValue()).startsWith('here is **one**'), true, 'something was pasted');
}
