import { eventually } from '../check.js';
import { binary, newer } from '../server.js';
import { twoPeople } from './world.js';

const newerLines = (visitor) => visitor.page.locator('.log').getByText('Something newer happened here').count();

export async function what_a_newer_server_writes_is_one_line_and_everybody_goes_on_through_a_roll(told) {
  const { server, chat, ada, bo } = await twoPeople(told);
  const everybody = [ada, bo];
  for (const one of everybody) await one.openChat('Harbour');
  await ada.write('before');
  await bo.message('before').waitFor();

  await server.roll(newer);
  const poll = { question: 'Tea?', answers: ['yes', 'no'], client_id: 'tea', closes_in_ms: 200 };
  await server.ask('ada', 'POST', `/v1/chats/${chat.id}/polls`, poll);
  for (const one of everybody) await eventually(() => newerLines(one), 2, 'a poll and its end');
  await bo.write('beside it');
  await ada.message('beside it').waitFor();

  await server.roll(binary);
  await ada.write('and back');
  await bo.message('and back').waitFor();
  await bo.page.reload();
  await bo.message('and back').waitFor();
  for (const one of everybody) {
    await eventually(() => newerLines(one), 2, 'the same lines');
    await eventually(() => one.texts(), ['before', 'beside it', 'and back'], 'what was said');
  }
}
