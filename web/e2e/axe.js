import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };

const looks = { light: { colorScheme: 'light' }, dark: { colorScheme: 'dark' }, 'forced colours': { forcedColors: 'active' } };

/** No violation on the page in any of the ways people have it drawn. */
export async function accessibleInAll(page, where) {
  for (const [name, look] of Object.entries(looks)) {
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', ...look });
    await accessible(page, `${where}, ${name}`);
  }
}

/** No violation on the page as it is. The script comes through the debugger, so the page's policy stays on. */
export async function accessible(page, where) {
  if (process.env.PETIT_PICTURES) await page.screenshot({ path: `${process.env.PETIT_PICTURES}/${where.replaceAll(/\W+/gu, '-')}.png` });
  await stillness(page);
  const debug = await page.context().newCDPSession(page);
  await debug.send('Runtime.evaluate', { expression: source });
  const expression = `axe.run(document, ${JSON.stringify(rules)}).then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ target, failureSummary }) => target + ' ' + failureSummary) }))))`;
  const { result, exceptionDetails } = await debug.send('Runtime.evaluate', { expression, awaitPromise: true });
  assert.equal(exceptionDetails, undefined, `axe failed on ${where}`);
  await debug.detach();
  assert.deepEqual(JSON.parse(result.value), [], where);
}

/** Waits until nothing fades or moves any more: half way between two themes no contrast is right. */
function stillness(page) {
  return page.evaluate(async () => {
    const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map((one) => one.finished));
  });
}
