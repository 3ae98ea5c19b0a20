import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launch, Visitor } from './browser.js';
import { harbour } from './scene.js';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../docs/screenshots', import.meta.url));
const sizes = {
  desktop: { viewport: { width: 1440, height: 900 } },
  tablet: { viewport: { width: 900, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};
const shots = [
  ['chat-light', 'desktop', 'light', openLaunch],
  ['chat-dark', 'desktop', 'dark', openLaunch],
  ['quick-switcher', 'desktop', 'light', openSwitcher],
  ['inbox', 'desktop', 'light', openInbox],
  ['settings', 'desktop', 'light', openSettings],
  ['tablet-dark', 'tablet', 'dark', openLaunch],
  ['phone-list', 'phone', 'light', async () => {}],
  ['phone-chat-dark', 'phone', 'dark', openLaunch],
];

async function openLaunch({ page }) {
  await page.locator('.sidebar a.row', { hasText: 'spring-launch' }).click();
  for (const text of ['Morning all', 'could you review']) await page.locator('.log article', { hasText: text }).first().waitFor();
}

async function openSettings({ page, server }) {
  await page.goto(`${server.url}/settings/appearance`);
  await page.getByRole('radio').first().waitFor({ state: 'attached' });
}

async function openInbox({ page }) {
  await page.getByRole('link', { name: /^Inbox/u }).click();
  await page.locator('.inbox-line').first().waitFor();
}

async function openSwitcher(visitor) {
  await openLaunch(visitor);
  await visitor.page.keyboard.press('Control+k');
  await visitor.page.getByRole('combobox').fill('re');
  await visitor.page.getByRole('option').first().waitFor();
}

await mkdir(folder, { recursive: true });
const browser = await launch();
const scene = await harbour();
try {
  for (const [name, size, colorScheme, arrange] of shots) {
    const visitor = await Visitor.open(browser, scene.server, { ...sizes[size], colorScheme, reducedMotion: 'reduce' });
    await visitor.signIn('alice');
    await arrange(visitor);
    await visitor.page.evaluate(() => document.fonts.ready);
    await visitor.page.screenshot({ path: `${folder}/${name}.png` });
    await visitor.close();
    console.log(name);
  }
} finally {
  await browser.close();
  await scene.down();
}
