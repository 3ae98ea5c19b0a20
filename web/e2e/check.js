import assert from 'node:assert/strict';

/** Waits until `read` answers what is wanted. */
export async function eventually(read, wanted, what) {
  const deadline = Date.now() + 15_000;
  let last;
  for (;;) {
    last = await read();
    if (typeof wanted === 'function' ? wanted(last) : deepEqual(last, wanted)) return last;
    if (Date.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (typeof wanted === 'function') assert.fail(`${what}: still ${JSON.stringify(last)}`);
  assert.deepEqual(last, wanted, what);
}

function deepEqual(a, b) {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

/** The page is not wider than its window. */
export async function fitsSideways(page, where) {
  const { wide, room } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: innerWidth }));
  assert.ok(wide <= room, `${where} is ${wide} px wide in a window of ${room} px`);
}
