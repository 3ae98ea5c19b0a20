import assert from 'node:assert/strict';
import { eventually } from '../check.js';
import { fill, twoPeople } from './world.js';

/** The first message on the screen and where it begins. */
const spot = ({ page }) => page.locator('.timeline').evaluate((scroller) => {
  const { top } = scroller.getBoundingClientRect();
  const row = [...scroller.querySelectorAll('[data-seq]')].find((one) => one.getBoundingClientRect().top >= top);
  return row ? { seq: Number(row.dataset.seq), at: Math.round(row.getBoundingClientRect().top - top) } : null;
});

const near = (wanted) => (found) => found !== null && found.seq === wanted.seq && Math.abs(found.at - wanted.at) <= 2;

async function twoChats(told) {
  const world = await twoPeople(told);
  const { ada, server, chat } = world;
  await fill(server, chat, 300);
  await server.ask('ada', 'PUT', `/v1/chats/${chat.id}/read-marker`, { seq: 299 });
  await server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name: 'Quay', members: [] });
  await ada.openChat('Harbour');
  await ada.message('number 299').waitFor();
  return world;
}

export async function a_chat_that_is_opened_again_is_where_it_was_left(told) {
  const { ada } = await twoChats(told);
  await ada.page.locator('.timeline').evaluate((scroller) => (scroller.scrollTop -= 1_500));
  await ada.page.waitForFunction(() => history.state?.spot);
  const before = await spot(ada);
  await ada.openChat('Quay');
  await ada.page.getByText('This is the beginning of the chat').waitFor();
  await ada.openChat('Harbour');
  await eventually(() => spot(ada), near(before), 'the place in the chat');
  await ada.openChat('Quay');
  await ada.page.goBack();
  await eventually(() => spot(ada), near(before), 'the place after Back');
  await ada.page.reload();
  await eventually(() => spot(ada), near(before), 'the place after a reload');
}

export async function back_returns_from_a_jump_to_where_one_was(told) {
  const { ada, server, chat } = await twoChats(told);
  await server.ask('bo', 'POST', `/v1/chats/${chat.id}/messages`, { text: 'about that', client_id: 'answer', reply_to: 20 });
  await ada.message('about that').locator('.reply', { hasText: 'number' }).waitFor();
  for (let n = 0; n < 5; n += 1) await server.ask('bo', 'POST', `/v1/chats/${chat.id}/messages`, { text: `after ${n}`, client_id: `after${n}` });
  await ada.message('after 4').waitFor();
  await ada.page.locator('.timeline').evaluate((scroller) => (scroller.scrollTop -= 250));
  await ada.page.waitForFunction(() => history.state?.spot);
  const before = await spot(ada);
  // Not by the mouse, for which the page would be scrolled first.
  await ada.message('about that').locator('.reply').evaluate((quote) => quote.click());
  await ada.page.locator('.msg.flash[data-seq="20"]').waitFor();
  assert.match(ada.page.url(), /m=20/u, 'the address names the message');
  await ada.page.goBack();
  await eventually(() => spot(ada), near(before), 'the place before the jump');
  await ada.page.goForward();
  await ada.page.locator('[data-seq="20"]').waitFor();
}
