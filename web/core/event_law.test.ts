import { expect, test } from 'vitest';
import { Store } from './store';
import cases from './testdata/event-law.json';
import type { Chat, Member, Message, Person, ServerEvent, Settings } from './types';

/** What one person's screen shows, as the server writes it in the cases. */
interface Screen {
  me: Person;
  settings: Settings;
  chats: { chat: Chat; members: Member[]; messages: Message[] }[];
}

interface Case {
  name: string;
  before: Screen;
  events: ServerEvent[];
  after: Screen;
}

const neverNeeded = { messages: () => {}, changes: () => {}, unknown: () => {} };

function opened({ me, settings, chats }: Screen): Store {
  const store = new Store(neverNeeded);
  store.setMe(me);
  store.takeSettings(settings);
  for (const { chat, members, messages } of chats) {
    store.takeChat(chat);
    store.members.set(chat.id, members);
    store.takeMessages(chat.id, messages);
  }
  return store;
}

const byId = (a: Member, b: Member): number => (a.person.id < b.person.id ? -1 : 1);
const byChat = (a: { chat: Chat }, b: { chat: Chat }): number => (a.chat.id < b.chat.id ? -1 : 1);

/** What the store shows of the chats on a screen, of members and messages only where it holds them all. */
function shown(store: Store, screen: Screen, held: ReadonlySet<string>): Screen {
  const chats = [...store.list.chats.get(), ...store.archived.chats.get()].map((chat) => {
    if (!held.has(chat.id)) return { chat, members: [], messages: [] };
    const messages = Array.from({ length: chat.head_seq + 1 }, (_, seq) => store.log(chat.id).get(seq) as Message);
    return { chat, members: [...store.members.list.of(chat.id).get()].sort(byId), messages };
  });
  return { me: store.me.get() ?? screen.me, settings: store.settings.get(), chats: chats.sort(byChat) };
}

/** Of a chat that was added, members and messages are fetched when somebody looks. */
function asHeld(screen: Screen, held: ReadonlySet<string>): Screen {
  const chats = screen.chats.map(({ chat, members, messages }) =>
    held.has(chat.id) ? { chat, members: [...members].sort(byId), messages } : { chat, members: [], messages: [] },
  );
  return { ...screen, chats: chats.sort(byChat) };
}

test.each(cases as unknown as Case[])('old state + events = fresh state: $name', ({ before, events, after }) => {
  const kept = before.chats.map(({ chat }) => chat.id);
  const added = new Set(events.flatMap((event) => (event.type === 'chat_added' ? [event.chat] : [])));
  const held = new Set(kept.filter((id) => !added.has(id)));
  for (const times of [1, 2]) {
    const store = opened(before);
    for (const event of events) for (let n = 0; n < times; n += 1) store.apply(event);
    expect(shown(store, after, held)).toEqual(asHeld(after, held));
  }
});

test('the cases cover every kind of event', () => {
  const kinds = new Set((cases as unknown as Case[]).flatMap(({ events }) => events.map(({ type }) => type)));
  const all: ServerEvent['type'][] = [
    'message_created', 'message_edited', 'message_deleted', 'message_changed', 'reacted', 'member_changed', 'member_removed', 'chat_renamed', 'chat_changed', 'unknown_change',
    'chat_added', 'read_marker_moved', 'choices_changed', 'person_updated', 'scheduled_changed', 'settings_changed', 'receipts', 'typing', 'presence_changed',
  ];
  expect([...kinds].sort()).toEqual(all.sort());
});
