import { Visitor } from '../e2e/browser.js';
import { startServer } from '../e2e/profile.js';
import { screens } from '../e2e/stories/accessibility.js';
import { reactedTo } from '../e2e/stories/world.js';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion: 'reduce' };

/**
 * Runs in the page: what a finger may miss. A target is as large as the part of the screen that answers as it does;
 * links within a sentence may be as small as the sentence.
 */
function small(least) {
  const all = [...document.querySelectorAll('a[href], button, summary, select, textarea, input, [role="option"]')];
  const isInText = (one) => one.closest('.text, .system, p') !== null && one.matches('a, .edited');
  const reach = least / 2 - 1;
  return all.flatMap((one) => {
    const box = (one.matches('input') ? (one.closest('label') ?? one) : one).getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || one.closest('.vh, .skip, [inert]') || box.width < 2 || isInText(one)) return [];
    if (x < 0 || y < reach || x > innerWidth || y > innerHeight - reach) return [];
    const answers = ([dx, dy]) => {
      const found = document.elementFromPoint(Math.min(innerWidth - 1, Math.max(0, x + dx)), y + dy);
      return found !== null && (one.contains(found) || found.closest('label')?.contains(one));
    };
    // Something lies over it.
    if (!answers([0, 0])) return [];
    const misses = [[-reach, 0], [reach, 0], [0, -reach], [0, reach]].filter((at) => !answers(at));
    return misses.length === 0 ? [] : [`${one.tagName.toLowerCase()}.${one.className} "${(one.ariaLabel ?? one.textContent).trim().slice(0, 30)}" ${Math.round(box.width)} × ${Math.round(box.height)}`];
  });
}

/** Counts targets that are too small for a finger, on every screen. */
export async function measureTargets({ browser, after }) {
  const server = await startServer({ demo: true });
  after(() => server.down());
  const visitor = await Visitor.open(browser, server, phone);
  after(() => visitor.close());
  await visitor.signIn('alice');
  const chats = (await server.ask('alice', 'GET', '/v1/chats')).items;
  await reactedTo(server, chats);
  const { page } = visitor;
  const found = new Set();
  for (const [name, path] of screens) {
    await page.goto(server.url + (typeof path === 'string' ? path : path(chats)));
    await page.waitForLoadState('networkidle');
    await page.getByRole('heading').first().waitFor({ state: 'attached' });
    for (const one of await page.evaluate(`(${small})(44)`)) found.add(`${name}: ${one}`);
  }
  for (const one of found) console.log(`     A6 ${one}`);
  return { A6: found.size };
}
