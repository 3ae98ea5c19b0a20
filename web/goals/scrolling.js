import { Visitor } from '../e2e/browser.js';
import { fill, twoAccounts } from '../e2e/stories/world.js';
import { walk } from '../e2e/walk.js';
import { part, taskTime, timed } from './measure.js';

/** How long the chat is that is walked through. */
export const walked = 50_000;
const steps = 240;
const jumps = 24;
const settled = 500;

/** Runs in the page: scrolls up by 400 px for each frame, and answers how long each frame took. */
async function scroll(count) {
  const scroller = document.querySelector('.timeline');
  const frames = [];
  for (let last = performance.now(); frames.length < count; ) {
    scroller.scrollTop -= 400;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const now = performance.now();
    frames.push(now - last);
    last = now;
  }
  return frames;
}

/** Runs in the page: follows a link to a message, and answers when it was painted where it can be read. */
function jump(path) {
  const link = Object.assign(document.createElement('a'), { href: path });
  document.body.append(link);
  const began = performance.now();
  link.click();
  link.remove();
  const isSeen = () => {
    const row = document.querySelector(`.log [data-seq="${path.split('=').at(-1)}"]`)?.getBoundingClientRect();
    return row && row.bottom > 0 && row.top < innerHeight;
  };
  return new Promise((done) => {
    const look = () => (isSeen() ? setTimeout(() => done(performance.now() - began)) : requestAnimationFrame(look));
    requestAnimationFrame(look);
  });
}

async function heap(debug) {
  await debug.send('HeapProfiler.collectGarbage');
  return (await debug.send('Runtime.getHeapUsage')).usedSize;
}

/** A device that has read everything and stands at the end, with nothing older kept. */
async function atTheEnd({ browser, after }, server, count) {
  const visitor = await Visitor.open(browser, server);
  after(() => visitor.close());
  await visitor.signIn('ada');
  await visitor.openChat('Harbour');
  await visitor.message(`number ${count - 1}`).waitFor();
  await visitor.page.waitForTimeout(settled);
  visitor.page.setDefaultTimeout(0);
  return visitor.page;
}

async function walkUp(page) {
  const debug = await timed(page);
  const before = await heap(debug);
  const began = await taskTime(debug);
  const frames = await page.evaluate(scroll, steps);
  const T1 = ((await taskTime(debug)) - began) / steps;
  const found = await page.evaluate(walk, { step: 1_200, mostJump: 1 });
  if (found.first !== 0) throw new Error(`the walk ended at message ${found.first}`);
  await page.waitForTimeout(settled);
  console.log(`     T3 ${found.steps} steps, jumps of ${JSON.stringify(found.jumps)} px`);
  return { T1, T2: part(frames, 0.95), T3: found.nodes, 'T3 jumps': found.jumps.length, 'T3 blanks': found.blanks, 'T3 heap': ((await heap(debug)) - before) / 1e6 };
}

/** To and fro in what this device does not have. */
async function jumpAbout(page, chat, count) {
  const times = [];
  for (let n = 1; n <= jumps; n += 1) times.push(await page.evaluate(jump, `/c/${chat.id}?m=${Math.floor((count * ((n * 7) % (jumps + 1))) / (jumps + 1))}`));
  return { T4: part(times, 0.95) };
}

/** Reads a chat of so many messages from its end to its beginning, and jumps about in it. */
export const measureScrolling = (count) => async (told) => {
  const { server, chat } = await twoAccounts(told);
  await fill(server, chat, count);
  await server.ask('ada', 'PUT', `/v1/chats/${chat.id}/read-marker`, { seq: count - 1 });
  const walking = await walkUp(await atTheEnd(told, server, count));
  return { ...walking, ...(await jumpAbout(await atTheEnd(told, server, count), chat, count)) };
};
