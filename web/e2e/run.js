import { launch } from './browser.js';
import { onCluster } from './profile.js';
import { journeys, screens, signIns } from './stories/index.js';

// `--profile=cluster` tells what people do on the servers of `bin/cluster`; `--keycloak` how they sign in there.
const atKeycloak = process.argv.includes('--keycloak');
const stories = atKeycloak ? signIns : { ...journeys, ...(onCluster ? {} : screens) };
const only = process.argv.slice(2).find((word) => !word.startsWith('--'));
// Where stories share servers and people, one is told after the other.
const atOnce = atKeycloak || onCluster ? 1 : 2;
const untold = Object.entries(stories).filter(([name]) => !only || name.includes(only));
const browser = await launch();
let passed = 0;
let failed = 0;

async function tell(name, story) {
  const began = Date.now();
  const told = { cleanUp: [] };
  try {
    await story({ browser, after: (undo) => told.cleanUp.push(undo) });
    passed += 1;
    console.log(`ok   ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n${error.stack}`);
  }
  for (const undo of told.cleanUp.reverse()) await undo().catch((error) => console.log(`     ${error.message}`));
}

async function tellOn() {
  for (let next = untold.shift(); next; next = untold.shift()) await tell(...next);
}

await Promise.all(Array.from({ length: atOnce }, tellOn));
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
