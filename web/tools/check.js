// Checks the types of the core and of the components, after making sure that the checker sees errors at all:
// a component with a mistake on purpose must be found wrong.
import { spawnSync } from 'node:child_process';

const run = (...args) => spawnSync('npx', ['--no-install', ...args], { encoding: 'utf8' });

const canary = run('svelte-check', '--workspace', 'tools/canary', '--tsconfig', './tsconfig.json', '--output', 'machine');
const mistake = /ERROR .*Canary\.svelte.*Type 'string' is not assignable to type 'number'/u;
if (canary.status === 0 || !mistake.test(canary.stdout)) {
  console.error(`the checker did not see the mistake in tools/canary:\n${canary.stdout}${canary.stderr}`);
  process.exit(1);
}

const all = run('svelte-check', '--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human');
process.stdout.write(all.stdout + all.stderr);
process.exit(all.status ?? 1);
