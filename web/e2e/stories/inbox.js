import { phone, Visitor } from '../browser.js';
import { eventually } from '../check.js';
import { nothingOverflows } from '../overflow.js';
import { twoPeople } from './world.js';

/** Three chats in which Bo wrote to Ada: a group, one where he named her, and one of the two alone. */
async function written(told) {
  const world = await twoPeople(told);
  const { server, chat } = world;
  const [ada, bo] = [await server.person('ada'), await server.person('bo')];
  const pier = await server.ask('bo', 'POST', '/v1/chats', { kind: 'group', name: 'Pier', members: [ada.id] });
  const direct = await server.ask('bo', 'POST', '/v1/chats', { kind: 'direct', members: [ada.id] });
  let n = 0;
  const say = (where, text, who = 'bo') => server.ask(who, 'POST', `/v1/chats/${where.id}/messages`, { text, client_id: `inbox${(n += 1)}` });
  await say(pier, '@ada, is the crane free?');
  await say(direct, 'lunch?');
  for (const text of ['one', 'two', 'three', 'four']) await say(chat, text);
  return { ...world, bo, pier, direct, say };
}

/** What the inbox lists: each chat with the lines below it. */
const listed = ({ page }) =>
  page.locator('.inbox-list li').evaluateAll((all) => all.map((one) => [one.querySelector('.inbox-chat b').textContent, ...[...one.querySelectorAll('.inbox-line > [dir]')].map((line) => line.textContent)]));
const mentioned = ({ page }) => page.locator('.inbox-mention').evaluateAll((all) => all.map((one) => [one.querySelector('.inbox-text').textContent, one.matches('.mention')]));
const focused = ({ page }) => page.evaluate(() => document.activeElement.closest('.inbox-chat')?.querySelector('b').textContent ?? null);

const unread = ({ page }, name) => page.locator('.row', { hasText: name }).locator('.count').count();

const everything = [['Pier', '@ada, is the crane free?'], ['Bo Lindqvist', 'lunch?'], ['Harbour', 'one', 'two', 'three']];

export async function all_that_is_unread_is_worked_through_by_keys(told) {
  const { ada, visit, server, chat, pier, say } = await written(told);
  const other = await visit('ada');
  await ada.page.getByRole('link', { name: /^Inbox/u }).click();
  await eventually(() => listed(ada), everything, 'where she is named, who writes to her alone, the rest');
  await ada.page.locator('.inbox-chat').first().focus();
  await ada.page.keyboard.press('j');
  await eventually(() => focused(ada), 'Bo Lindqvist', 'the next one');
  await ada.page.keyboard.press('e');
  await eventually(() => listed(ada), [everything[0], everything[2]], 'it is read');
  await eventually(() => focused(ada), 'Harbour', 'and focus goes on');
  await eventually(() => unread(other, 'Bo Lindqvist'), 0, 'read on the other device too');
  // What comes meanwhile moves nothing.
  await say(pier, 'or tomorrow');
  const quay = await server.ask('bo', 'POST', '/v1/chats', { kind: 'group', name: 'Quay', members: [(await server.person('ada')).id] });
  await say(quay, '@ada look');
  const now = [[...everything[0], 'or tomorrow'], everything[2], ['Quay', '@ada look']];
  await eventually(() => listed(ada), now, 'what is new comes last');
  await ada.page.keyboard.press('Enter');
  await ada.page.waitForURL(`**/c/${chat.id}`);
  await eventually(() => unread(ada, 'Harbour'), 0, 'she sees all of it');
  await ada.page.goBack();
  await eventually(() => listed(ada), [['Quay', '@ada look'], now[0]], 'what is left');
  await ada.page.getByRole('button', { name: 'Mark all as read' }).click();
  await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Mark as read' }).click();
  await ada.page.getByText('You have read everything').waitFor();
  await ada.page.reload();
  await ada.page.getByText('You have read everything').waitFor();
  for (const where of [pier, quay]) await eventually(async () => (await server.ask('ada', 'GET', `/v1/chats/${where.id}`)).unread, 0, 'the server knows');
}

export async function mentions_are_listed_as_they_come_and_lead_to_their_messages(told) {
  const { ada, server, pier, chat, say } = await written(told);
  await ada.page.getByRole('link', { name: /^Inbox/u }).click();
  await ada.page.getByRole('link', { name: /^Mentions/u }).click();
  await eventually(() => mentioned(ada), [['@ada, is the crane free?', true]], 'the one there is');
  const { seq } = await say(chat, 'now, @ada');
  await eventually(() => mentioned(ada), [['now, @ada', true], ['@ada, is the crane free?', true]], 'a new one comes first');
  await server.ask('bo', 'PATCH', `/v1/chats/${chat.id}/messages/${seq}`, { text: 'never mind' });
  await eventually(() => mentioned(ada), [['@ada, is the crane free?', true]], 'it names her no more');
  await ada.page.locator('.inbox-mention').click();
  await eventually(() => ada.page.locator('.log .flash').innerText().then((text) => text.includes('crane')), true, 'its message is shown');
  await eventually(() => unread(ada, 'Pier'), 0, 'she reads it');
  await ada.page.goBack();
  await eventually(() => mentioned(ada), [['@ada, is the crane free?', false]], 'she has read it');
  await server.ask('bo', 'DELETE', `/v1/chats/${pier.id}/messages/${(await server.ask('ada', 'GET', `/v1/chats/${pier.id}`)).head_seq}`);
  await ada.page.getByText('Nobody has mentioned you yet').waitFor();
}

export async function the_inbox_is_within_reach_on_a_phone_and_without_a_network(told) {
  const { visit } = await written(told);
  const ada = await visit('ada', { viewport: phone, hasTouch: true, isMobile: true });
  await ada.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Inbox' }).tap();
  await eventually(() => listed(ada), everything, 'what is unread');
  await nothingOverflows(ada.page, 'the inbox, on a phone');
  await ada.context.setOffline(true);
  await ada.page.getByRole('button', { name: /^Mark .*Harbour.* as read$/u }).tap();
  await eventually(() => listed(ada), everything.slice(0, 2), 'read at once');
  await ada.context.setOffline(false);
  const other = await visit('ada');
  await eventually(() => unread(other, 'Harbour'), 0, 'and told later');
  await ada.page.getByRole('link', { name: /^Mentions/u }).tap();
  await eventually(() => mentioned(ada), [['@ada, is the crane free?', true]], 'mentions');
  await nothingOverflows(ada.page, 'the mentions, on a phone');
  await ada.page.goBack();
  await ada.page.goBack();
  await ada.page.locator('.row', { hasText: 'Pier' }).waitFor();
}

export async function styles_that_did_not_come_with_a_part_come_when_it_is_asked_for_again(told) {
  const { server } = await written(told);
  // A worker would bring them.
  const ada = await Visitor.open(told.browser, server, { serviceWorkers: 'block' });
  told.after(() => ada.close());
  await ada.signIn('ada');
  const { page } = ada;
  let asked = 0;
  await page.route('**/assets/edges-*.css', (route) => ((asked += 1) === 1 ? route.abort() : route.fallback()));
  await page.goto(`${server.url}/inbox`);
  const missing = page.getByRole('dialog', { name: 'This could not be loaded' });
  await missing.waitFor();
  await missing.getByRole('button', { name: 'Close' }).first().click();
  // Nobody asks but the page itself, once there is a network.
  await ada.context.setOffline(true);
  await ada.context.setOffline(false);
  await eventually(() => asked, 2, 'they are asked for');
  await page.getByRole('link', { name: /^Inbox/u }).click();
  await eventually(() => listed(ada), everything, 'it is here');
  await eventually(() => page.locator('.inbox-list').evaluate((one) => getComputedStyle(one).paddingTop !== '0px'), true, 'with its styles');
}
