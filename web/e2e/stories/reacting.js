import assert from 'node:assert/strict';
import { phone } from '../browser.js';
import { eventually } from '../check.js';
import { nothingOverflows } from '../overflow.js';
import { fill, hold, react, twoPeople } from './world.js';

/** What is seen below a message: each emoji, how many, and whether one is among them. */
const chips = (message) => message.locator('.react[data-emoji]').evaluateAll((all) => all.map((one) => `${one.textContent.replace(/\s+/gu, '')}${one.ariaPressed === 'true' ? ' mine' : ''}`));

async function choose({ page }, name) {
  await page.getByRole('combobox', { name: 'Find an emoji' }).fill(name);
  await page.locator('.picker [role="option"]').first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.picker').waitFor({ state: 'detached' });
}

export async function a_reaction_is_seen_by_others_at_once(told) {
  const { ada, bo } = await twoPeople(told);
  await ada.openChat('Harbour');
  await bo.openChat('Harbour');
  await bo.write('who is in?');
  const [hers, his] = [ada.sent('who is in?'), bo.sent('who is in?')];
  await ada.use(hers, 'React');
  await choose(ada, 'tada');
  await eventually(() => chips(hers), ['🎉1 mine'], 'her reaction');
  await eventually(() => chips(his), ['🎉1'], 'what he sees of it');
  await his.locator('.react[data-emoji]').click();
  await eventually(() => chips(his), ['🎉2 mine'], 'his own on top');
  await eventually(() => chips(hers), ['🎉2 mine'], 'both of them');
  await hers.locator('.react[data-emoji]').hover();
  await eventually(() => hers.locator('.react[data-emoji]').getAttribute('title'), 'You and Bo Lindqvist', 'who it was');
  await his.locator('.react[data-emoji]').click();
  await eventually(() => chips(hers), ['🎉1 mine'], 'he took his back');
  await hers.getByRole('button', { name: 'React' }).last().click();
  await choose(ada, 'fire');
  await eventually(() => chips(his), ['🎉1', '🔥1'], 'the second kind comes last');
  await ada.page.reload();
  await eventually(() => chips(hers), ['🎉1 mine', '🔥1 mine'], 'the same after a reload');
  await bo.page.reload();
  await eventually(() => chips(his), ['🎉1', '🔥1'], 'and for him');
}

export async function a_reaction_made_offline_is_sent_later(told) {
  const { ada, bo } = await twoPeople(told);
  await ada.openChat('Harbour');
  await bo.openChat('Harbour');
  await bo.write('first');
  await bo.write('second');
  const [first, second] = [ada.sent('first'), ada.sent('second')];
  await ada.use(first, 'React');
  await choose(ada, 'tada');
  await eventually(() => chips(bo.sent('first')), ['🎉1'], 'one is there already');
  await ada.context.setOffline(true);
  await first.locator('.react[data-emoji]').click();
  await eventually(() => chips(first), [], 'it is taken back at once');
  await ada.use(second, 'React');
  await choose(ada, 'fire');
  await eventually(() => chips(second), ['🔥1 mine'], 'it is shown at once');
  for (const wanted of [[], ['🔥1 mine']]) {
    if (wanted.length === 0) await second.locator('.react[data-emoji]').click();
    else {
      await ada.use(second, 'React');
      await choose(ada, 'fire');
    }
    await eventually(() => chips(second), wanted, 'toggled again');
  }
  assert.deepEqual(await chips(bo.sent('first')), ['🎉1']);
  await ada.context.setOffline(false);
  await eventually(() => chips(bo.sent('first')), [], 'what she took back');
  await eventually(() => chips(bo.sent('second')), ['🔥1'], 'what she added');
  await eventually(() => chips(second), ['🔥1 mine'], 'hers once it is sent');
}

export async function reacting_works_by_keyboard(told) {
  const { ada, bo, server, chat } = await twoPeople(told);
  const { page } = ada;
  await fill(server, chat, 3);
  await ada.openChat('Harbour');
  await bo.openChat('Harbour');
  const message = ada.sent('number 2');
  await message.focus();
  await page.keyboard.press('+');
  await choose(ada, 'tada');
  await eventually(() => chips(bo.sent('number 2')), ['🎉1'], 'the reaction');
  await eventually(() => message.evaluate((one) => one === document.activeElement), true, 'focus is on the message again');
  for (let n = 0; n < 12 && !(await page.evaluate(() => document.activeElement.matches('.react'))); n += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('ContextMenu');
  const who = page.getByRole('dialog', { name: 'Who reacted' });
  await who.getByText('Ada Holm').waitFor();
  await page.keyboard.press('Escape');
  await who.waitFor({ state: 'detached' });
  await eventually(() => page.evaluate(() => document.activeElement.dataset.emoji), '🎉', 'focus is on the reaction again');
  await page.keyboard.press('Enter');
  await eventually(() => chips(bo.sent('number 2')), [], 'it is taken back');
}

export async function who_reacted_is_shown_under_a_finger(told) {
  const { bo, visit, server, chat } = await twoPeople(told);
  await fill(server, chat, 1, () => 'tide at nine');
  await react(server, 'bo', chat.id, 0, '👍');
  const ada = await visit('ada', { viewport: phone, hasTouch: true, isMobile: true });
  await ada.openChat('Harbour');
  const chip = ada.sent('tide at nine').locator('.react[data-emoji]');
  await hold(ada.page, chip);
  const who = ada.page.getByRole('dialog', { name: 'Who reacted' });
  await who.getByText('Bo Lindqvist').waitFor();
  await nothingOverflows(ada.page, 'who reacted, on a phone');
  await ada.page.goBack();
  await who.waitFor({ state: 'detached' });
  await hold(ada.page, ada.sent('tide at nine').locator('.text'));
  await ada.page.getByRole('menuitem', { name: 'React', exact: true }).click();
  await ada.page.locator('.picker').waitFor();
  await ada.page.getByRole('option', { name: 'grinning face', exact: true }).tap();
  await eventually(() => chips(ada.sent('tide at nine')), ['👍1', '😀1 mine'], 'her own beside his');
  await bo.openChat('Harbour');
  await eventually(() => chips(bo.sent('tide at nine')), ['👍1 mine', '😀1'], 'and he sees it');
}

export async function a_reaction_above_moves_nothing_that_is_read(told) {
  const { ada, server, chat } = await twoPeople(told);
  await fill(server, chat, 60);
  await server.ask('ada', 'PUT', `/v1/chats/${chat.id}/read-marker`, { seq: 59 });
  await ada.openChat('Harbour');
  await ada.message('number 59').waitFor();
  const { page } = ada;
  await page.locator('.timeline').evaluate((scroller) => (scroller.scrollTop = scroller.scrollHeight / 2));
  const seen = () => page.evaluate(() => {
    const { top } = document.querySelector('.timeline').getBoundingClientRect();
    const rows = [...document.querySelectorAll('.log article')].map((row) => [row.dataset.seq, Math.round(row.getBoundingClientRect().top - top)]);
    return { above: Number(rows.findLast(([, at]) => at < -200)[0]), eye: rows.find(([, at]) => at > 200) };
  });
  await page.waitForTimeout(300);
  const { above, eye } = await seen();
  await react(server, 'bo', chat.id, above, '👍');
  await eventually(() => chips(page.locator(`.log [data-seq="${above}"]`)), ['👍1'], 'the reaction above');
  await page.waitForTimeout(100);
  const [seq, at] = (await seen()).eye;
  assert.equal(seq, eye[0]);
  assert.ok(Math.abs(at - eye[1]) <= 1, `moved by ${at - eye[1]} px`);

  await page.locator('.pill').click();
  await page.locator('.pill').waitFor({ state: 'detached' });
  await react(server, 'bo', chat.id, 59, '👍');
  await eventually(() => chips(page.locator('.log [data-seq="59"]')), ['👍1'], 'the reaction at the end');
  await eventually(() => page.locator('.timeline').evaluate((one) => one.scrollHeight - one.clientHeight - one.scrollTop < 2), true, 'the end stays in sight');
}
