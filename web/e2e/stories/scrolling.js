import assert from 'node:assert/strict';
import { Visitor } from '../browser.js';
import { eventually } from '../check.js';
import { walk } from '../walk.js';
import { fill, twoPeople } from './world.js';

const mostNodes = 6_000;
const mostJump = 2;

async function walkUp(told, count, step) {
  const { server, chat } = await twoPeople(told);
  await fill(server, chat, count);
  const visitor = await Visitor.open(told.browser, server);
  told.after(() => visitor.close());
  await visitor.signIn('ada');
  await server.ask('ada', 'PUT', `/v1/chats/${chat.id}/read-marker`, { seq: count - 1 });
  await visitor.openChat('Harbour');
  await visitor.message(`number ${count - 1}`).waitFor();
  visitor.page.setDefaultTimeout(0);
  const found = await visitor.page.evaluate(walk, { step, mostJump });
  console.log(`     ${found.steps} steps, ${found.jumps.length} jumps, ${found.blanks} blank, ${found.nodes} elements at most`);
  assert.equal(found.first, 0, 'the walk reaches the first message');
  assert.deepEqual(found.jumps, [], 'nothing moves but by the hand');
  assert.equal(found.blanks, 0, 'there is always something to read');
  assert.ok(found.nodes <= mostNodes, `${found.nodes} elements`);
}

export const a_walk_through_five_thousand_messages_reaches_the_first_one = (told) => walkUp(told, 5_000, 700);

/** Takes a quarter of an hour: only told when asked for by its name. */
export const long = { 'a walk through fifty thousand messages reaches the first one': (told) => walkUp(told, 50_000, 1_200) };

export async function at_the_top_of_what_is_loaded_more_comes_by_itself(told) {
  const { ada, server, chat } = await twoPeople(told);
  await fill(server, chat, 400);
  await server.ask('ada', 'PUT', `/v1/chats/${chat.id}/read-marker`, { seq: 399 });
  await ada.openChat('Harbour');
  await ada.message('number 399').waitFor();
  const timeline = ada.page.locator('.timeline');
  const first = () => ada.page.locator('.log [data-seq]').first().getAttribute('data-seq').then(Number);
  for (let turns = 0; turns < 60 && (await first()) > 0; turns += 1) {
    const before = await first();
    await timeline.evaluate((scroller) => (scroller.scrollTop = 0));
    await eventually(first, (seq) => seq < before || seq === 0, 'the first message shown');
  }
  assert.equal(await first(), 0);
}

export async function a_step_made_right_after_a_page_came_is_not_undone(told) {
  const { ada, server, chat } = await twoPeople(told);
  await fill(server, chat, 600);
  await server.ask('ada', 'PUT', `/v1/chats/${chat.id}/read-marker`, { seq: 599 });
  await ada.openChat('Harbour');
  await ada.message('number 599').waitFor();
  const undone = await ada.page.evaluate(async () => {
    const scroller = document.querySelector('.timeline');
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const first = () => Number(scroller.querySelector('[data-seq]').dataset.seq);
    const worst = [];
    for (let n = 0; n < 6; n += 1) {
      const before = first();
      scroller.scrollTop = 700;
      await frame();
      for (let now = first(); now === before && now > 0; now = first()) await frame();
      // The page has just come, and has not been painted: the hand goes on, and the next frames leave it where it went.
      const row = [...scroller.querySelectorAll('[data-seq]')].find((one) => one.getBoundingClientRect().top > scroller.getBoundingClientRect().top + 300);
      const at = row.getBoundingClientRect().top;
      const from = scroller.scrollTop;
      scroller.scrollTop -= 400;
      const byHand = from - scroller.scrollTop;
      await frame();
      await frame();
      worst.push(Math.round(row.getBoundingClientRect().top - at - byHand));
    }
    return worst.filter((far) => Math.abs(far) > 2);
  });
  assert.deepEqual(undone, []);
}

export async function the_wheel_works_over_the_button_that_jumps_to_the_newest(told) {
  const { ada, server, chat } = await twoPeople(told);
  await fill(server, chat, 80);
  await server.ask('ada', 'PUT', `/v1/chats/${chat.id}/read-marker`, { seq: 79 });
  await ada.openChat('Harbour');
  await ada.message('number 79').waitFor();
  const top = () => ada.page.locator('.timeline').evaluate(({ scrollTop }) => Math.round(scrollTop));
  await ada.page.locator('.timeline').evaluate((scroller) => (scroller.scrollTop -= 900));
  await ada.page.locator('.pill').hover();
  const before = await top();
  await ada.page.mouse.wheel(0, -200);
  await eventually(top, (now) => now < before - 100, 'the wheel over the button');
  await ada.page.locator('.pill').click();
  await ada.message('number 79').waitFor();
  await ada.page.locator('.pill').waitFor({ state: 'detached' });
}
