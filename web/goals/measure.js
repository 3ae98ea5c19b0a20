import { Visitor } from '../e2e/browser.js';
import { Loading } from '../e2e/loading.js';
import { fill, twoPeople } from '../e2e/stories/world.js';

export const manyChats = 313;
const switches = 60;

/** The value that so large a part of all is not above. */
export const part = (values, of) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * of))];

/** What a browser that has nothing yet loads. */
export async function measureLoading(told) {
  const { server, chat } = await twoPeople(told);
  await fill(server, chat, 60);
  const visitor = await Visitor.open(told.browser, server, { serviceWorkers: 'block' });
  told.after(() => visitor.close());
  const signingIn = await Loading.watch(visitor.page);
  await visitor.page.goto(server.url);
  await visitor.page.getByLabel('Username').waitFor();
  const B2 = signingIn.of('Script').bytes / 1000;
  await visitor.signIn('ada');
  // Without what is kept on the device, as at the very first time.
  const page = await visitor.newPage();
  await page.goto(`${server.url}/icon.svg`);
  const loading = await Loading.watch(page);
  await page.goto(`${server.url}/c/${chat.id}`);
  await visitor.message('number 59').waitFor();
  const kB = (kind) => loading.of(kind).bytes / 1000;
  return { B1: kB('Script'), B2, B3: kB('Stylesheet'), 'B3 fonts': loading.of('Font').count, 'B3 requests': loading.count };
}

/** From Enter to the next frame with the row in it. */
export async function measureWriting(told) {
  const { ada } = await twoPeople(told);
  await ada.openChat('Harbour');
  const times = [];
  for (let n = 0; n < 40; n += 1) {
    await ada.composer.fill(`measured ${n}`);
    times.push(await ada.composer.evaluate((field, text) => new Promise((done) => {
      const began = performance.now();
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
      const look = () => ([...document.querySelectorAll('.log article')].some((row) => row.textContent.includes(text)) ? setTimeout(() => done(performance.now() - began)) : requestAnimationFrame(look));
      requestAnimationFrame(look);
    }), `measured ${n}`));
  }
  return { E1: part(times, 0.95) };
}

/** Processor time of the page's main thread, in ms. */
export async function taskTime(debug) {
  const { metrics } = await debug.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
}

/** Makes so many chats of one. */
export async function piers(server, count) {
  const made = [];
  const make = (n) => server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name: `Pier ${n}`, members: [] });
  for (let n = 0; n < count; n += 20) made.push(...(await Promise.all(Array.from({ length: Math.min(20, count - n) }, (_, i) => make(n + i + 1)))));
  return made;
}

/** A debugger of the page that counts the time of its processor. */
export async function timed(page) {
  const debug = await page.context().newCDPSession(page);
  await debug.send('Performance.enable', { timeDomain: 'threadTicks' });
  return debug;
}

/** Goes between five cached chats of a list of so many. */
export const measureSwitches = (chats) => async (told) => {
  const { ada, server, chat } = await twoPeople(told);
  const made = [chat, ...(await piers(server, chats - 1))];
  const five = made.slice(-5);
  for (const one of five) {
    await Promise.all(Array.from({ length: 60 }, (_, n) => server.ask('ada', 'POST', `/v1/chats/${one.id}/messages`, { text: `number ${n}\nof a chat`, client_id: `n${n}` })));
  }
  const { page } = ada;
  await page.reload();
  const open = (id) => page.evaluate((wanted) => new Promise((done) => {
    const began = performance.now();
    document.querySelector(`.sidebar [data-chat="${wanted}"]`).click();
    const look = () => (document.querySelector('.log article[data-seq]') && location.pathname.endsWith(wanted) ? setTimeout(() => done(performance.now() - began)) : requestAnimationFrame(look));
    requestAnimationFrame(look);
  }), id);
  await page.locator(`.sidebar [data-chat="${five[0].id}"]`).waitFor();
  for (const { id } of five) await open(id);
  const debug = await timed(page);
  const costs = [];
  const times = [];
  for (let n = 0; n < switches; n += 1) {
    const before = await taskTime(debug);
    times.push(await open(five[n % five.length].id));
    await page.evaluate(() => new Promise((done) => setTimeout(done, 150)));
    costs.push((await taskTime(debug)) - before);
  }
  if (chats < manyChats) return { 'C1 few': part(costs, 0.5) };
  await debug.send('HeapProfiler.collectGarbage');
  const { usedSize } = await debug.send('Runtime.getHeapUsage');
  return { C1: part(costs, 0.5), C2: part(times, 0.95), M1: usedSize / 1e6 };
};
