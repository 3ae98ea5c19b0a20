import assert from 'node:assert/strict';
import { twoPeople } from './world.js';

const most = 100_000;

export async function the_first_chat_needs_little_script(told) {
  const { ada, server, chat } = await twoPeople(told);
  await ada.openChat('Harbour');
  await ada.write('hello');
  await ada.message('hello').waitFor();
  const page = await ada.newPage();
  const debug = await page.context().newCDPSession(page);
  await debug.send('Network.enable');
  await debug.send('Network.setCacheDisabled', { cacheDisabled: true });
  const scripts = new Map();
  debug.on('Network.responseReceived', ({ requestId, type }) => type === 'Script' && scripts.set(requestId, 0));
  debug.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => scripts.has(requestId) && scripts.set(requestId, encodedDataLength));
  await page.goto(`${server.url}/c/${chat.id}`);
  await ada.message('hello').waitFor();
  const bytes = [...scripts.values()].reduce((sum, size) => sum + size, 0);
  console.log(`     ${(bytes / 1000).toFixed(1)} kB of script in ${scripts.size} files`);
  assert.ok(scripts.size > 0 && bytes <= most, `${bytes} bytes of script, ${most} at most`);
}
