import assert from 'node:assert/strict';
import { eventually } from '../check.js';
import { twoPeople } from './world.js';

const many = 120;

/** Runs in the page: what is drawn of the list, and whether a row is there wherever one of the list can be seen. */
function look() {
  const lists = document.querySelector('.lists');
  const { left, top, bottom } = lists.getBoundingClientRect();
  const rows = [...lists.querySelectorAll('.row')];
  const middles = [0.2, 0.5, 0.8].map((part) => document.elementFromPoint(left + 60, top + (bottom - top) * part));
  return {
    drawn: rows.length,
    isWhole: middles.every((element) => element?.closest('.row')),
    order: rows.map((row) => Number(row.closest('li').ariaPosInSet)),
    sizes: [...new Set(rows.map((row) => row.closest('li').ariaSetSize))],
    places: rows.map((row) => Math.round(row.getBoundingClientRect().top)),
  };
}

export async function a_long_list_of_chats_is_drawn_where_it_is_looked_at(told) {
  const { ada, server } = await twoPeople(told);
  const { page } = ada;
  const names = Array.from({ length: many - 1 }, (_, n) => `Pier ${n + 1}`);
  for (let n = 0; n < names.length; n += 20) await Promise.all(names.slice(n, n + 20).map((name) => server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name, members: [] })));
  const lists = page.locator('.lists');
  const found = (what, wanted) => eventually(() => page.evaluate(`(${look})()`), wanted, what);
  const isRight = ({ drawn, isWhole, order, sizes, places }) =>
    drawn > 10 && drawn < 60 && isWhole && sizes.join() === String(many) && places.every((at, n) => n === 0 || at >= places[n - 1] + 30) && order.every((at, n) => n === 0 || at > order[n - 1]);
  await found('the beginning', (now) => isRight(now) && now.order[0] === 1);
  await lists.evaluate((list) => (list.scrollTop = list.scrollHeight / 2));
  await found('the middle', (now) => isRight(now) && now.order.at(-1) > many / 2);
  const stop = page.locator('.lists a.row:not([tabindex="-1"])');
  assert.equal(await stop.count(), 1, 'Tab stops at the list wherever it is scrolled to');
  await stop.focus();
  const here = () => page.evaluate(() => [document.activeElement.closest('li')?.ariaPosInSet, document.activeElement.getBoundingClientRect().bottom <= document.querySelector('.lists').getBoundingClientRect().bottom + 1]);
  await page.keyboard.press('End');
  assert.deepEqual(await here(), [String(many), true], 'End');
  await page.keyboard.press('ArrowUp');
  assert.deepEqual(await here(), [String(many - 1), true], 'up');
  await lists.evaluate((list) => (list.scrollTop = 0));
  await found('the beginning again', (now) => now.order[0] === 1);
  assert.equal((await here())[0], String(many - 1), 'what is scrolled away keeps the focus');
  await page.keyboard.press('Home');
  assert.deepEqual(await here(), ['1', true], 'Home');
  await page.locator('.sect > summary').first().click();
  await eventually(() => lists.evaluate((list) => list.scrollHeight - list.clientHeight), (more) => more <= 0, 'folded, nothing is to be scrolled');
  await page.locator('.sect > summary').first().click();
  await found('unfolded', isRight);
}

export async function what_is_unread_further_down_is_said_and_a_fold_is_remembered(told) {
  const { ada, server, chat } = await twoPeople(told);
  const { page } = ada;
  for (let n = 0; n < 30; n += 1) await server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name: `Pier ${n + 1}`, members: [] });
  await page.reload();
  const lists = page.locator('.lists');
  const hint = lists.getByRole('button', { name: 'More unread' });
  await page.locator('.row', { hasText: 'Pier 30' }).waitFor();
  assert.equal(await hint.count(), 0, 'nothing is unread');
  await lists.evaluate((list) => (list.scrollTop = 0));
  // It came before the piers, so it stands below them; a mark made elsewhere moves no row.
  await server.ask('bo', 'POST', `/v1/chats/${chat.id}/messages`, { text: 'ahoy', client_id: 'ahoy' });
  for (let n = 0; n < 30; n += 1) await server.ask('ada', 'POST', `/v1/chats/${(await server.ask('ada', 'GET', '/v1/chats?limit=100')).items.find(({ name }) => name === `Pier ${n + 1}`).id}/messages`, { text: 'here', client_id: `here${n}` });
  await hint.waitFor();
  await hint.click();
  await eventually(() => page.locator('.row', { hasText: 'Harbour' }).evaluate((row) => {
    const [seen, whole] = [row.getBoundingClientRect(), row.closest('.lists').getBoundingClientRect()];
    return seen.top >= whole.top && seen.bottom <= whole.bottom;
  }), true, 'it is shown');
  await hint.waitFor({ state: 'detached' });
  const summary = page.locator('.sect > summary', { hasText: 'Chats' });
  await summary.click();
  await eventually(() => summary.locator('.count').innerText(), '1', 'a folded section says what is unread in it');
  await page.reload();
  await eventually(() => summary.locator('.count').innerText(), '1', 'folded after a reload too');
  assert.equal(await page.locator('.row', { hasText: 'Harbour' }).isVisible(), false);
  await summary.click();
  await page.locator('.row', { hasText: 'Pier 30' }).waitFor();
}
