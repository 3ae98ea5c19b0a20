import { eventually } from '../check.js';
import { twoPeople } from './world.js';

export async function a_group_is_made_grown_and_left_live(told) {
  const { ada, bo, server } = await twoPeople(told);
  const person = await server.person('bo');
  const chat = await server.ask('ada', 'POST', '/v1/chats', { kind: 'group', name: 'Pier', members: [] });
  await ada.row('Pier').waitFor();
  await server.ask('ada', 'POST', `/v1/chats/${chat.id}/members`, { user: person.id });
  await bo.row('Pier').waitFor();
  await bo.openChat('Pier');
  await bo.page.getByText(/Ada.* added .*Bo|added you/u).first().waitFor();
  await server.ask('ada', 'PATCH', `/v1/chats/${chat.id}`, { name: 'Pier nine' });
  await bo.row('Pier nine').waitFor();
  await server.ask('ada', 'DELETE', `/v1/chats/${chat.id}/members/${person.id}`);
  await bo.row('Pier nine').waitFor({ state: 'detached' });
  await eventually(() => bo.composer.count(), 0, 'there is nothing to write into any more');
}

export async function a_new_chat_is_made_in_the_browser(told) {
  const { ada, bo } = await twoPeople(told);
  await ada.page.getByRole('button', { name: 'New chat' }).first().click();
  await ada.page.getByRole('combobox').fill('Bo');
  await ada.page.getByRole('option', { name: /Bo Lindqvist/u }).click();
  await ada.composer.waitFor();
  await ada.write('just between us');
  await bo.row('Ada Holm').filter({ hasText: 'just between us' }).waitFor();
}
