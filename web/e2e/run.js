import { launch } from './browser.js';
import { onCluster } from './profile.js';
import { journeys, long, screens, signIns } from './stories/index.js';

// `--profile=cluster` tells what people do on the servers of `bin/cluster`; `--keycloak` how they sign in there.
const usual = process.argv.includes('--keycloak') ? signIns : { ...journeys, ...(onCluster ? {} : screens) };
const only = process.argv.slice(2).find((word) => !word.startsWith('--'));
const stories = Object.entries(only && long[only] ? { [only]: long[only] } : usual).filter(([name]) => !only || name.includes(only));
/** A full machine may upset one story or two; what is broken upsets them again. */
const toldAgain = 2;
/** Stories mostly wait: for a page, a server, a clock. So two are told side by side, each in a browser of its own. */
const tellers = 2;

/** Whether a story went as it should, to its end: what its pages complained of is told when they close. */
async function tell([name, story], browser) {
  const began = Date.now();
  const told = { cleanUp: [] };
  const wrong = [];
  await story({ browser, after: (undo) => told.cleanUp.push(undo) }).catch((error) => wrong.push(error));
  if (wrong.length > 0) for (const page of browser.contexts().flatMap((context) => context.pages())) await show(page);
  for (const undo of told.cleanUp.reverse()) await undo().catch((error) => wrong.push(error));
  if (wrong.length === 0) console.log(`ok   ${name} (${Date.now() - began} ms)`);
  else console.log(`FAIL ${name}\n${wrong.map((error) => error.stack).join('\n')}`);
  return wrong.length === 0;
}

/** What somebody would see who looked over its person's shoulder. */
async function show(page) {
  const body = await page.locator('body').innerText({ timeout: 1_000 }).catch((error) => error.message);
  console.log(`     ${page.url()} shows: ${body.replace(/\s+/gu, ' ').slice(0, 300)}`);
}

/** Those that failed, of stories that so many tell. */
async function failing(told, tellers) {
  const [failed, left] = [[], told.values()];
  const teller = async () => {
    const browser = await launch();
    for (const story of left) if (!(await tell(story, browser))) failed.push(story);
    await browser.close();
  };
  await Promise.all(Array.from({ length: tellers }, teller));
  return failed;
}

const first = await failing(stories, tellers);
const isFew = first.length > 0 && first.length <= toldAgain;
if (isFew) console.log('told again:');
const failed = isFew ? await failing(first, 1) : first;
for (const [name] of first) console.log(`${failed.some(([other]) => other === name) ? 'broken' : 'unsteady'}: ${name}`);
console.log(`${stories.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 && stories.length > 0 ? 0 : 1;
