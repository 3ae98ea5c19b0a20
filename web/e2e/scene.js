import { Server } from './server.js';

const people = [
  ['elif', 'Elif Novák'],
  ['oren', 'Oren Castellan'],
  ['priya', 'Priya Santos'],
  ['yuki', 'Yuki Hartmann'],
];

/** A harbour with some life in it: the demo's people and their story, four more and what they say today. */
export async function harbour() {
  const server = await Server.start({ demo: true });
  for (const [username, name] of people) await server.addPerson(username, name);
  const scene = new Scene(server);
  await scene.fill();
  return scene;
}

class Scene {
  constructor(server) {
    this.server = server;
  }

  async fill() {
    const { server } = this;
    this.ids = {};
    for (const name of ['alice', 'bob', 'carol', ...people.map(([username]) => username)]) this.ids[name] = (await server.person(name)).id;
    const everybody = ['bob', 'elif', 'oren', 'priya'];
    this.launch = await this.chat('bob', 'group', 'spring-launch', ['alice', ...everybody]);
    const invoices = await this.chat('elif', 'group', 'invoices', ['alice', 'priya']);
    await this.chat('oren', 'open', 'regatta', ['elif']);
    const elif = await this.chat('elif', 'direct', null, ['alice']);
    const priya = await this.chat('priya', 'direct', null, ['alice']);
    await this.say('alice', invoices, 'Numbers for March are in. Who checks them?');
    await this.say('elif', invoices, '@alice can you confirm the crane?');
    await this.say('elif', elif, 'Thanks, that fixed it');
    await this.say('priya', priya, 'New photo for the departures page is up');
    await this.talkAboutLaunch();
    await this.server.ask('bob', 'PUT', `/v1/chats/${this.launch}/messages/${await this.find(this.launch, 'Morning all')}/pin`);
    await this.server.ask('bob', 'PATCH', `/v1/chats/${this.launch}`, { topic: 'Everything for the launch on Thursday' });
    await this.choose('alice', this.launch, { favourite: true });
    await this.choose('alice', invoices, { section: 'Money' });
  }

  choose(who, chat, choices) {
    return this.server.ask(who, 'PATCH', `/v1/chats/${chat}/me`, choices);
  }

  async talkAboutLaunch() {
    const { launch } = this;
    await this.say('bob', launch, 'Morning all. Plan for the launch:\n\n- cradle check at **12:00**\n- trial lift on `crane-1` at 14:00\n- everybody at 16:30, if the wind stays under 15 knots\n\nThe full list is in the [launch handbook](https://example.org/handbook).');
    await this.edit('bob', launch, 'Morning all. Plan for the launch today:\n\n- cradle check at **12:00**\n- trial lift on `crane-1` at 14:00\n- everybody at 16:30, if the wind stays under 15 knots\n\nThe full list is in the [launch handbook](https://example.org/handbook).');
    await this.server.ask('bob', 'POST', `/v1/chats/${launch}/members`, { user: this.ids.yuki });
    const first = await this.find(launch, 'Morning all');
    for (const [who, emoji] of [['elif', '👍'], ['oren', '👍'], ['priya', '👍'], ['alice', '👍'], ['priya', '⛵']]) await this.react(who, launch, first, emoji);
    await this.say('elif', launch, 'Can we hold it ten minutes? Tide alarms fire twice after a reconnect.', first);
    await this.say('elif', launch, "Found it. The outbox never checked the client id:\n\n```ts\n// send each queued message once, even after a reconnect\nfor (const item of await outbox.pending(chatId)) {\n  if (seen.has(item.clientId)) continue;\n  seen.add(item.clientId);\n  await api.send(item, { retry: 3, reason: 'reconnect' });\n}\n```");
    for (const who of ['bob', 'alice']) await this.react(who, launch, first + 2, '❤️');
    const head = await this.read('alice', launch);
    await this.say('oren', launch, '@alice could you review? It is twelve lines, tests included.');
    return head;
  }

  async chat(owner, kind, name, members) {
    const made = await this.server.ask(owner, 'POST', '/v1/chats', { kind, ...(name ? { name } : {}), members: members.map((one) => this.ids[one]) });
    return made.id;
  }

  async say(author, chat, text, replyTo = null) {
    const body = { text, client_id: crypto.randomUUID(), ...(replyTo === null ? {} : { reply_to: replyTo }) };
    return this.server.ask(author, 'POST', `/v1/chats/${chat}/messages`, body);
  }

  react(who, chat, seq, emoji) {
    return this.server.ask(who, 'PUT', `/v1/chats/${chat}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`);
  }

  async edit(author, chat, text) {
    const seq = await this.find(chat, text.slice(0, 11));
    return this.server.ask(author, 'PATCH', `/v1/chats/${chat}/messages/${seq}`, { text });
  }

  /** Marks everything in a chat as read. */
  async read(username, chat) {
    const { head_seq: seq } = await this.server.ask(username, 'GET', `/v1/chats/${chat}`);
    await this.server.ask(username, 'PUT', `/v1/chats/${chat}/read-marker`, { seq });
    return seq;
  }

  async find(chat, beginning) {
    const { items } = await this.server.ask('bob', 'GET', `/v1/chats/${chat}/messages`);
    return items.find(({ text }) => text.startsWith(beginning)).seq;
  }

  down() {
    return this.server.down();
  }
}
