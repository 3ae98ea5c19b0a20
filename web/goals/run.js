// Measures the goals of the client and writes them to the documentation. `npm ci` in tools/judges brings Lighthouse and the
// HTML checker; without them their goals are not measured. Fails where bytes, counts or the heap are past
// their gate. A word measures only what has that name below; only a whole run on the server's own pages is written.
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { launch } from '../e2e/browser.js';
import { servesPages } from '../e2e/served.js';
import { tooAlike } from './contrast.js';
import { measureHands } from './hands.js';
import { hasJudges, measureHtml } from './judges.js';
import { measureLighthouse } from './lighthouse.js';
import { goals, isBroken } from './list.js';
import { manyChats, measureLoading, measureSwitches, measureWriting } from './measure.js';
import { measureScrolling, walked } from './scrolling.js';
import { measureWarmStart } from './starting.js';
import { table } from './table.js';
import { measureTargets } from './targets.js';
import { measureUncached } from './uncached.js';

const browser = await launch();
const undo = [];
const told = { browser, after: (work) => undo.push(work) };
const measured = {};

const measures = {
  // Pages that the run serves itself are not compressed.
  ...(servesPages ? {} : { loading: measureLoading }),
  ...(hasJudges && !servesPages ? { lighthouse: measureLighthouse } : {}),
  ...(hasJudges ? { html: measureHtml } : {}),
  writing: measureWriting,
  hands: measureHands,
  few: measureSwitches(10),
  many: measureSwitches(manyChats),
  uncached: measureUncached,
  start: measureWarmStart,
  targets: measureTargets,
  scrolling: measureScrolling(walked),
};
const [, , only] = process.argv;

for (const [name, measure] of Object.entries(measures)) {
  if (only && only !== name) continue;
  Object.assign(measured, await measure(told));
  for (const work of undo.splice(0).reverse()) await work().catch((error) => console.error(error.message));
}
await browser.close();

const later = readdirSync('dist/assets').filter((name) => name.endsWith('.js.br') && !name.startsWith('index-'));
measured.B4 = Math.max(...later.map((name) => statSync(`dist/assets/${name}`).size)) / 1000;

measured.A2 = tooAlike().length;

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
if (!only && !servesPages) writeFileSync('../docs/client-goals.md', table(measured, `Last run: commit ${commit}, Chromium ${browser.version()}, load average ${Math.round(loadavg()[2])} on ${availableParallelism()} processors.`));
for (const { id } of goals) if (measured[id] !== undefined) console.log(id.padEnd(12), Math.round(measured[id] * 10) / 10);
const broken = goals.filter((goal) => isBroken(goal, measured[goal.id]));
for (const { id, what, gate, unit } of broken) console.error(`MISSED ${id}, ${what}: ${measured[id]}, at most ${gate} ${unit}`);
process.exitCode = broken.length > 0 ? 1 : 0;
