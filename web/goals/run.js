// Measures the goals of the client and writes them to the documentation. Fails where bytes, counts or the heap are past their gate.
import { readdirSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { launch } from '../e2e/browser.js';
import { goals, isBroken } from './list.js';
import { manyChats, measureLoading, measureSwitches, measureWriting } from './measure.js';
import { table } from './table.js';

const browser = await launch();
const undo = [];
const told = { browser, after: (work) => undo.push(work) };
const measured = {};

for (const measure of [measureLoading, measureWriting, measureSwitches(10), measureSwitches(manyChats)]) {
  Object.assign(measured, await measure(told));
  for (const work of undo.splice(0).reverse()) await work().catch((error) => console.error(error.message));
}
await browser.close();

const later = readdirSync('dist/assets').filter((name) => name.endsWith('.js.br') && !name.startsWith('index-'));
measured.B4 = Math.max(...later.map((name) => statSync(`dist/assets/${name}`).size)) / 1000;

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
writeFileSync('../docs/client-goals.md', table(measured, `Last run: commit ${commit}, Chromium ${browser.version()}.`));
for (const { id } of goals) if (measured[id] !== undefined) console.log(id.padEnd(12), Math.round(measured[id] * 10) / 10);
const broken = goals.filter((goal) => isBroken(goal, measured[goal.id]));
for (const { id, what, gate, unit } of broken) console.error(`MISSED ${id}, ${what}: ${measured[id]}, at most ${gate} ${unit}`);
process.exitCode = broken.length > 0 ? 1 : 0;
