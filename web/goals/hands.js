import { fill, twoPeople } from '../e2e/stories/world.js';
import { part, taskTime, timed } from './measure.js';

const settled = 500;
const text = 'a sentence for @bo and another for @ada, written as people write, :sea and all';

/** Runs in the page: notes of each key and press how long it took from the hand to the frame that shows what came of it. */
function watch() {
  const took = [];
  const note = ({ timeStamp }) => requestAnimationFrame(() => setTimeout(() => took.push(performance.now() - timeStamp)));
  const stop = new AbortController();
  for (const kind of ['keydown', 'pointerdown', 'click']) addEventListener(kind, note, { capture: true, signal: stop.signal });
  globalThis.interactions = () => {
    stop.abort();
    return took;
  };
}

/** How long each interaction took that happens during `work`. */
async function interactions(page, work) {
  await page.evaluate(watch);
  await work();
  await page.waitForTimeout(settled);
  return page.evaluate(() => globalThis.interactions());
}

async function actsOf({ page, openChat, row }) {
  for (let n = 0; n < 12; n += 1) {
    for (const name of ['Pier', 'Harbour']) await openChat(name);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').pressSequentially('ha', { delay: 30 });
    await page.keyboard.press('Escape');
    await page.getByRole('combobox').waitFor({ state: 'detached' });
    await row('Harbour').focus();
    await page.keyboard.press('ArrowDown');
    await page.locator('.log article').last().click();
    await page.keyboard.press('ArrowUp');
  }
}

/** Writes as people do, with lists of people and of emoji on the way. */
async function write({ page, composer }) {
  const keys = await interactions(page, () => composer.pressSequentially(text, { delay: 90 }));
  if (keys.length < text.length) throw new Error(`the browser told of ${keys.length} keys of ${text.length}`);
  await composer.fill('');
  return keys;
}

/** Writes, switches chats, opens what can be opened: by real keys and a real pointer. */
export async function measureHands(told) {
  const { ada, server, chat } = await twoPeople(told);
  await server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name: 'Pier', members: [] });
  await fill(server, chat, 80);
  const { page } = ada;
  await ada.openChat('Harbour');
  const rounds = [];
  const debug = await timed(page);
  const began = await taskTime(debug);
  for (let n = 0; n < 3; n += 1) rounds.push(await write(ada));
  const work = (await taskTime(debug)) - began;
  const acts = await interactions(page, () => actsOf({ page, openChat: (name) => ada.openChat(name), row: (name) => ada.row(name) }));
  const keys = rounds.flat();
  return { E2: part(rounds.map((round) => part(round, 0.95)), 0.5), 'E2 work': work / keys.length, E3: part([...keys, ...acts], 0.98) };
}
