import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Visitor } from '../e2e/browser.js';
import { startServer } from '../e2e/profile.js';
import { screens } from '../e2e/stories/accessibility.js';
import { reactedTo } from '../e2e/stories/world.js';

const run = promisify(execFile);
const home = new URL('../tools/judges/', import.meta.url);
/** Whether `npm ci` ran in tools/judges. */
export const hasJudges = existsSync(new URL('node_modules', home));
const from = createRequire(home);

/** What is no mistake: the checker does not know all of CSS yet. */
const unknownYet = 'CSS: .*';

/** Runs in the page: what is there now, as a document. */
const written = () => `<!doctype html>\n${document.documentElement.outerHTML}`;

/** Reads every screen as the HTML checker does. */
export async function measureHtml({ browser, after }) {
  const server = await startServer({ demo: true });
  after(() => server.down());
  const folder = await mkdtemp(join(tmpdir(), 'petit-html-'));
  after(() => rm(folder, { recursive: true }));
  const visitor = await Visitor.open(browser, server);
  after(() => visitor.close());
  const { page } = visitor;
  const keep = async (name) => writeFile(join(folder, `${name.replaceAll(' ', '-')}.html`), await page.evaluate(written));
  await page.goto(server.url);
  await page.getByLabel('Username').waitFor();
  await keep('signing in');
  await visitor.signIn('alice');
  const chats = (await server.ask('alice', 'GET', '/v1/chats')).items;
  await reactedTo(server, chats);
  for (const [name, path] of screens) {
    await page.goto(server.url + (typeof path === 'string' ? path : path(chats)));
    await page.waitForLoadState('networkidle');
    await page.getByRole('heading').first().waitFor({ state: 'attached' });
    await keep(name);
  }
  const jar = String(from('vnu-jar'));
  const { stdout } = await run('java', ['-jar', jar, '--stdout', '--exit-zero-always', '--format', 'json', '--filterpattern', unknownYet, folder], { maxBuffer: 1e8 });
  const { messages } = JSON.parse(stdout);
  const found = new Set(messages.filter(({ type }) => type !== 'info').map(({ url, message, extract }) => `${url.split('/').at(-1)}: ${message} ${extract ?? ''}`));
  for (const one of found) console.log(`     A4 ${one}`);
  return { A4: found.size };
}
