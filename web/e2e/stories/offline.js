import { eventually } from '../check.js';
import { twoPeople } from './world.js';

const three = ['one from the tunnel', 'two from the tunnel', 'three from the tunnel'];
const logged = async (server, chat) => (await server.ask('bo', 'GET', `/v1/chats/${chat.id}/messages`)).items.map(({ text }) => text);

export async function what_is_written_offline_arrives_once_and_in_order(told) {
  const { ada, bo, server, chat } = await twoPeople(told);
  await ada.openChat('Harbour');
  await bo.openChat('Harbour');
  await ada.context.setOffline(true);
  for (const text of three) await ada.write(text);
  await ada.message(three[2]).waitFor();
  await ada.context.setOffline(false);
  await bo.message(three[2]).waitFor();
  await eventually(() => logged(server, chat), three, 'the log');
  await eventually(() => bo.texts(), three, "Bo's timeline");
  await eventually(() => ada.texts(), three, "Ada's timeline");
}

export async function what_was_written_before_the_tab_closed_is_sent_by_the_next_one(told) {
  const { ada, bo, server, chat } = await twoPeople(told);
  await ada.openChat('Harbour');
  await server.kill();
  for (const text of three) await ada.write(text);
  await ada.message(three[2]).getByText('Waiting for connection').waitFor();
  await ada.page.close();
  await server.up();
  await ada.newPage();
  await ada.page.goto(server.url);
  await eventually(() => logged(server, chat), three, 'the log');
  await bo.openChat('Harbour');
  await eventually(() => bo.texts(), three, "Bo's timeline");
}

export async function a_killed_server_loses_nothing_and_everybody_goes_on(told) {
  const { ada, bo, server } = await twoPeople(told);
  await ada.openChat('Harbour');
  await bo.openChat('Harbour');
  await ada.write('before');
  await bo.message('before').waitFor();
  await server.kill();
  await bo.write('while it was gone');
  await server.up();
  await ada.message('while it was gone').waitFor();
  await ada.write('after');
  await bo.message('after').waitFor();
  const all = ['before', 'while it was gone', 'after'];
  await eventually(() => ada.texts(), all, "Ada's timeline");
  await eventually(() => bo.texts(), all, "Bo's timeline");
}
