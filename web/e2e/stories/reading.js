import assert from 'node:assert/strict';
import { eventually } from '../check.js';
import { fill, twoPeople } from './world.js';

const say = (server, chat, who, text, over = {}) => server.ask(who, 'POST', `/v1/chats/${chat.id}/messages`, { text, client_id: crypto.randomUUID(), ...over });

/** Says to the page whether somebody looks at it. */
const lookAway = ({ page }, away) =>
  page.evaluate((away) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => away });
    document.hasFocus = () => !away;
    document.dispatchEvent(new Event('visibilitychange'));
  }, away);

/** What stands right after the line before new messages; null without a line. */
const afterLine = ({ page }) => page.evaluate(() => document.querySelector('.log .line.new')?.nextElementSibling?.querySelector('.text')?.textContent.trim() ?? null);

export async function the_line_before_new_messages_goes_when_they_are_read_and_comes_back_in_its_place(told) {
  const { ada, server, chat } = await twoPeople(told);
  await say(server, chat, 'bo', 'one');
  await say(server, chat, 'bo', 'two');
  await ada.openChat('Harbour');
  await ada.page.bringToFront();
  await ada.message('two').waitFor();
  await eventually(() => afterLine(ada), null, 'the line, once all is read');
  await lookAway(ada, true);
  await say(server, chat, 'bo', 'three');
  await say(server, chat, 'bo', 'four');
  await ada.message('four').waitFor();
  await eventually(() => afterLine(ada), 'three', 'the line, before what came meanwhile');
  await lookAway(ada, false);
  await eventually(() => afterLine(ada), null, 'the line, once that is read too');
  await say(server, chat, 'bo', 'five');
  await ada.message('five').waitFor();
  assert.equal(await afterLine(ada), null, 'what is read as it comes gets no line');
}

const hostile = ['a\n', '\\\\', '@ab ', '```\n', '# a\n', '`a ', '*a ', '[', '> a\n', '- a\n', '|a|b|\n|-|-|\n', '_*a'];

export async function the_longest_messages_of_anything_open_a_chat_at_once_and_unfold(told) {
  const { ada, server, chat } = await twoPeople(told);
  for (const part of [...hostile, ...hostile]) await say(server, chat, 'bo', part.repeat(16_000 / part.length).trim() || 'a');
  await say(server, chat, 'ada', 'the end');
  const debug = await ada.page.context().newCDPSession(ada.page);
  await debug.send('Performance.enable', { timeDomain: 'threadTicks' });
  const spent = async () => Object.fromEntries((await debug.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value])).TaskDuration * 1000;
  const before = await spent();
  await ada.openChat('Harbour');
  await ada.message('the end').waitFor();
  const took = (await spent()) - before;
  const nodes = await ada.page.evaluate(() => document.getElementsByTagName('*').length);
  console.log(`     ${Math.round(took)} ms of CPU for ${2 * hostile.length} messages, ${nodes} elements`);
  assert.ok(took < 50 * 2 * hostile.length, `${took} ms`);
  assert.ok(nodes <= 6_000, `${nodes} elements`);
  const folds = ada.page.locator('.log article').filter({ has: ada.page.locator('.text.folded') });
  const long = ada.page.locator(`.log article[data-seq="${await folds.last().getAttribute('data-seq')}"]`);
  const tall = () => long.locator('.text').evaluate(({ offsetHeight }) => offsetHeight);
  const folded = await tall();
  await long.getByRole('button', { name: 'Show more' }).click();
  await eventually(tall, (now) => now > folded, 'the height of a text that was unfolded');
  await long.getByRole('button', { name: 'Show less' }).click();
  await eventually(tall, folded, 'the height of a text that was folded again');
}

export async function an_answer_follows_what_becomes_of_the_message_it_answers(told) {
  const { ada, server, chat } = await twoPeople(told);
  const first = await say(server, chat, 'bo', 'the ferry is late');
  await fill(server, chat, 60);
  await say(server, chat, 'ada', 'how late?', { reply_to: first.seq });
  await say(server, chat, 'ada', 'tell me', { reply_to: first.seq });
  await ada.openChat('Harbour');
  const quotes = ada.page.locator('.log .reply');
  await eventually(() => quotes.allTextContents().then((all) => all.filter((one) => one.includes('the ferry is late')).length), 2, 'two quotes');
  await server.ask('bo', 'DELETE', `/v1/chats/${chat.id}/messages/${first.seq}`);
  await eventually(() => quotes.allTextContents().then((all) => all.filter((one) => one.includes('Message deleted')).length), 2, 'two quotes of what was deleted');
}

export async function what_is_copied_is_what_was_written(told) {
  const { ada, server, chat } = await twoPeople(told);
  for (const text of ['one', 'two', 'three']) await say(server, chat, 'bo', text);
  await say(server, chat, 'ada', 'four');
  await ada.openChat('Harbour');
  await ada.message('four').waitFor();
  const copied = await ada.page.evaluate(() => {
    const texts = [...document.querySelectorAll('.log .text')];
    getSelection().setBaseAndExtent(texts[0], 0, texts.at(-1), texts.at(-1).childNodes.length);
    return getSelection().toString();
  });
  const words = copied.split(/\s+/u).filter(Boolean);
  // The time beside a name is seen, so it is copied; what is only said to screen readers is not.
  assert.deepEqual(words.filter((one) => !/^\d\d:\d\d$/u.test(one)), ['one', 'two', 'three', 'Ada', 'Holm', 'four']);
  assert.equal(words.length, 7, copied);
}

export async function only_people_who_are_there_are_marked(told) {
  const { ada, server, chat } = await twoPeople(told);
  await say(server, chat, 'bo', 'ask @ada, @bo or @nobody, not @bo_');
  await ada.openChat('Harbour');
  await eventually(() => ada.page.locator('.log .at').allTextContents(), ['@ada', '@bo'], 'who is marked');
}
