import { fill, twoPeople } from '../e2e/stories/world.js';
import { manyChats, piers, taskTime, timed } from './measure.js';

const slower = 4;

/** Starts from what the device kept, with a slow processor and no network. */
export async function measureWarmStart(told) {
  const { ada, server, chat } = await twoPeople(told);
  await piers(server, manyChats - 1);
  await fill(server, chat, 60);
  await server.ask('ada', 'PUT', `/v1/chats/${chat.id}/read-marker`, { seq: 59 });
  const { page, context } = ada;
  const path = `${server.url}/c/${chat.id}`;
  await page.goto(path);
  await ada.message('number 59').waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  // The parts that come later, and what is kept of the chats.
  await page.waitForTimeout(3000);
  await page.goto(`${server.url}/icon.svg`);
  const debug = await timed(page);
  await context.setOffline(true);
  await debug.send('Emulation.setCPUThrottlingRate', { rate: slower });
  const before = await taskTime(debug);
  await page.goto(path);
  await ada.message('number 59').waitFor();
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  const S2 = (await taskTime(debug)) - before;
  await context.setOffline(false);
  return { S2 };
}
