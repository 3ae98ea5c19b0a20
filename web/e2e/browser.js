import { chromium } from 'playwright-core';
import { serveFrom, servesPages } from './served.js';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page that is served by the test itself may talk to the server too.
  '--disable-features=LocalNetworkAccessChecks',
];

export const desktop = { width: 1440, height: 900 };
export const phone = { width: 360, height: 740 };
/** As narrow as a page at 400 % on a small laptop. */
export const narrow = { width: 320, height: 640 };

export function launch(more = []) {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, headless: true, args: [...flags, ...more] });
}

/** A browser of its own for one person. Whatever the page complains about is kept. */
export class Visitor {
  static async open(browser, server, options = {}) {
    const visitor = new Visitor();
    visitor.server = server;
    visitor.context = await browser.newContext({ viewport: desktop, locale: 'en-GB', timezoneId: 'Europe/Paris', ...options });
    await serveFrom(visitor.context);
    visitor.complaints = [];
    await visitor.newPage();
    return visitor;
  }

  async newPage() {
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(15_000);
    this.page.on('pageerror', (error) => this.complaints.push(`error: ${error.message}`));
    this.page.on('console', (message) => {
      const told = message.text();
      // A browser tells of every request that fails while it is offline; that is the test's doing.
      if (message.type() === 'error' && !/net::ERR_|WebSocket connection|Failed to load resource/u.test(told)) this.complaints.push(told);
    });
    return this.page;
  }

  async signIn(username, path = '/') {
    const { page, server } = this;
    const place = `${server.url}${path}`;
    await page.goto(place);
    await page.getByLabel('Username').fill(username);
    await page.getByLabel('Password', { exact: true }).fill(server.passwords[username]);
    const signedIn = servesPages && page.waitForResponse((answer) => answer.url() === place && answer.status() === 200);
    await page.getByRole('button', { name: 'Sign in' }).click();
    if (await signedIn) {
      // A page that was redirected to comes from the server whatever is said here.
      await page.waitForLoadState();
      await page.goto(place);
    }
    await page.getByRole('navigation', { name: 'Chats' }).waitFor();
    this.username = username;
    return this;
  }

  /** The list entry of a chat. */
  row(title) {
    return this.page.locator('.sidebar a.row').filter({ has: this.page.locator(`.row-name[title="${title}"]`) });
  }

  async openChat(title) {
    await this.row(title).click();
    await this.composer.waitFor();
  }

  get composer() {
    return this.page.locator('.composer textarea');
  }

  /** The row of the message with this text. */
  message(text) {
    return this.page.locator('.log article').filter({ hasText: text });
  }

  /** The same, once the server has it. */
  sent(text) {
    return this.page.locator('.log article[data-seq]').filter({ hasText: text });
  }

  async write(text) {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  async use(message, tool) {
    await message.hover();
    await message.getByRole('button', { name: tool, exact: true }).click();
  }

  /** The texts of the messages shown, from top to bottom. */
  texts() {
    return this.page.locator('.log article .body').evaluateAll((bodies) => bodies.map((body) => body.querySelector('.text, .stub, p')?.textContent?.replace('(edited)', '').trim() ?? ''));
  }

  async close() {
    await this.context.close();
  }
}
