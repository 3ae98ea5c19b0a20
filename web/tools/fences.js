// What no linter knows of this client: where things may come from, and what may never be used.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const fences = [
  { where: /^(?:core|ui|worker)\//u, never: /\{@html|\.(?:inner|outer)HTML\b|insertAdjacentHTML|new Function\(|\beval\(/u, why: 'nothing becomes HTML or code from text' },
  { where: /^core\/(?!.*(?:\.test\.ts|testing\/))/u, never: /from '(?:svelte|\.\.\/ui)|\bdocument\.|\bwindow\./u, why: 'the core knows no page and no framework' },
  { where: /^core\/(?!.*(?:\.test\.ts|testing\/))/u, never: /from '[^']*(?:testing|\.test)/u, why: 'tests are not part of the product' },
  { where: /^ui\//u, never: /from '(?:\.\.\/)+core\/[^']/u, why: 'the interface uses the core through core/index.ts' },
  { where: /^ui\//u, never: /(?<![#.\w])fetch\(|new WebSocket|\bindexedDB\b/u, why: 'the core talks to the server and the disk' },
  { where: /^core\//u, never: /:\s*any\b|<any>|as any\b/u, why: 'nothing is of any type' },
];

const files = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : /\.(?:ts|svelte)$/u.test(path) ? [path] : [];
  });

const found = ['core', 'ui', 'worker'].flatMap(files).flatMap((path) => {
  const lines = readFileSync(path, 'utf8').split('\n');
  const crossed = fences.filter(({ where }) => where.test(path));
  return lines.flatMap((line, at) => crossed.flatMap(({ never, why }) => (never.test(line) ? [`${path}:${at + 1}: ${why}: ${line.trim()}`] : [])));
});

for (const line of found) console.error(line);
process.exit(found.length > 0 ? 1 : 0);
