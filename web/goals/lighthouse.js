import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Visitor, launch } from '../e2e/browser.js';
import { startServer } from '../e2e/profile.js';
import { freePort } from '../e2e/server.js';
import { part } from './measure.js';

const from = createRequire(new URL('../tools/judges/', import.meta.url));
const categories = { S1: 'performance', A3: 'accessibility', 'A3 practices': 'best-practices' };
const times = 3;

/** What Lighthouse says of a page in a browser, as on a phone with a slow network. */
async function judge(url, port) {
  const { default: lighthouse } = await import(pathToFileURL(from.resolve('lighthouse')));
  const { lhr } = await lighthouse(url, { port, logLevel: 'error', onlyCategories: Object.values(categories), disableStorageReset: true });
  if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
  const lost = Object.values(lhr.audits).filter(({ id, score }) => score !== null && score < 0.9 && isOf(lhr, id));
  return { scores: Object.entries(categories).map(([id, name]) => [id, lhr.categories[name].score * 100]), lost: lost.map(({ id, displayValue }) => `${id} ${displayValue ?? ''}`.trim()) };
}

const isOf = (lhr, id) => Object.values(categories).some((name) => lhr.categories[name].auditRefs.some((ref) => ref.id === id && ref.weight > 0));

/** The worst of the sign-in page and a chat; of each several times the middle one. */
export async function measureLighthouse({ after }) {
  const server = await startServer({ demo: true });
  after(() => server.down());
  const port = await freePort();
  const browser = await launch([`--remote-debugging-port=${port}`]);
  after(() => browser.close());
  const worst = {};
  const look = async (name, url) => {
    const runs = [];
    for (let n = 0; n < times; n += 1) runs.push(await judge(url, port));
    for (const line of new Set(runs.flatMap(({ lost }) => lost))) console.log(`     A3 ${name}: ${line}`);
    for (const id of Object.keys(categories)) {
      const score = part(runs.map(({ scores }) => Object.fromEntries(scores)[id]), 0.5);
      console.log(`     ${id} ${name}: ${Math.round(score)}`);
      worst[id] = Math.min(score, worst[id] ?? 100);
    }
  };
  await look('signing in', server.url);
  await look('a chat', await chatOf(browser, server));
  return worst;
}

/** The address of a chat, once the browser itself is signed in. */
async function chatOf(browser, server) {
  const { items } = await server.ask('alice', 'GET', '/v1/chats');
  const visitor = await Visitor.open(browser, server);
  await visitor.signIn('alice');
  const cookies = await visitor.context.cookies();
  await visitor.close();
  const debug = await browser.newBrowserCDPSession();
  await debug.send('Storage.setCookies', { cookies: cookies.map(({ expires, ...cookie }) => (expires > 0 ? { ...cookie, expires } : cookie)) });
  await debug.detach();
  return `${server.url}/c/${items.find(({ kind }) => kind === 'group').id}`;
}
