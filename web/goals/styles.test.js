// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const folder = new URL('../ui/styles/', import.meta.url);
const sheets = readdirSync(folder).filter((name) => name.endsWith('.css'));
const selectors = sheets.flatMap((name) => [...readFileSync(new URL(name, folder), 'utf8').matchAll(/(?<=^|[{};])[^{};]*(?=\{)/gmu)].map(([found]) => found.trim()));
/** `* + *` or `h3 ~ *`: with no class on its left, every element that comes or goes may match, and all beside it is styled anew. */
const unbounded = /(?:^|[\s>+~(,])[a-z0-9*]+\s*[+~]\s*\*/u;

it('has no rule that styles the whole page anew when something is put into it', () => {
  expect(selectors.length).toBeGreaterThan(400);
  expect(selectors.filter((selector) => unbounded.test(selector))).toEqual([]);
});
