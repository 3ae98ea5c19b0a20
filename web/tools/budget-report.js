// Says what a browser loads before the first chat is painted, of what `npm run build` made, and fails past the budget.
import { existsSync, readFileSync, statSync } from 'node:fs';

const budgets = [
  { what: 'scripts', kB: 75, find: /(?:src|href)="(\/assets\/[^"]+\.js)"/gu },
  { what: 'styles', kB: 12, find: /href="(\/assets\/[^"]+\.css)"/gu },
];

if (!existsSync('dist/index.html')) {
  console.error('There is no dist/ yet: npm run build makes it.');
  process.exit(1);
}
const page = readFileSync('dist/index.html', 'utf8');
let isOver = false;
for (const { what, kB, find } of budgets) {
  const paths = [...page.matchAll(find)].map(([, path]) => path);
  const bytes = paths.reduce((sum, path) => sum + statSync(`dist${path}.br`).size, 0);
  isOver ||= bytes > kB * 1000;
  console.log(`${what}: ${(bytes / 1000).toFixed(1)} kB br of ${kB} in ${paths.length} file(s)`);
}
process.exit(isOver ? 1 : 0);
