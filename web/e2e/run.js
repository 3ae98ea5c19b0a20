import { launch } from './browser.js';
import { onCluster } from './profile.js';
import { journeys, long, screens, signIns } from './stories/index.js';

// `--profile=cluster` tells what people do on the servers of `bin/cluster`; `--keycloak` how they sign in there.
const usual = process.argv.includes('--keycloak') ? signIns : { ...journeys, ...(onCluster ? {} : screens) };
const only = process.argv.slice(2).find((word) => !word.startsWith('--'));
const stories = only && long[only] ? { [only]: long[only] } : usual;
const browser = await launch();
let passed = 0;
const failed = [];

for (const [name, story] of Object.entries(stories)) {
  if (only && !name.includes(only)) continue;
  const began = Date.now();
  const told = { cleanUp: [] };
  try {
    await story({ browser, after: (undo) => told.cleanUp.push(undo) });
    passed += 1;
    console.log(`ok   ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed.push(name);
    console.log(`FAIL ${name}\n${error.stack}`);
    for (const page of browser.contexts().flatMap((context) => context.pages())) await tell(page);
  }
  for (const undo of told.cleanUp.reverse()) await undo().catch((error) => console.log(`     ${error.message}`));
}

/** What somebody would see who looked over its person's shoulder. */
async function tell(page) {
  const body = await page.locator('body').innerText({ timeout: 1_000 }).catch((error) => error.message);
  console.log(`     ${page.url()} shows: ${body.replace(/\s+/gu, ' ').slice(0, 300)}`);
}

await browser.close();
console.log(`${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 && passed > 0 ? 0 : 1;
