import { expect, test } from 'vitest';
import { Saved, type SavedChange } from './saved';
import { Source } from './signal';
import { Store } from './store';
import type { Api } from './api';
import cases from './testdata/event-law.json';
import type { Chat, Member, Message, Person, ServerEvent, Settings } from './types';

/** What one person's screen shows, as the server writes it in the cases. */
interface Screen {
  me: Person;
  settings: Settings;
  saved: { chat: string; seq: number; at: string }[];
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

const messageAt = (chat: string, seq: number): Message => ({ chat, seq, cseq: -1, deleted: false }) as Message;

/** What is saved, as its part holds it. */
async function savedOf(store: Store, before: Screen): Promise<Saved> {
  const items = before.saved.map(({ chat, seq, at }) => ({ message: messageAt(chat, seq), at }));
  const api = { call: () => Promise.resolve({ items, next: null }) } as unknown as Api;
  const message = (chat: string, seq: number): Promise<Message> => Promise.resolve(messageAt(chat, seq));
  const saved = new Saved({ doing: new Source([]), changed: store.changed, message }, api, () => null);
  await saved.load();
  return saved;
}

/** The same as a screen lists it: not of chats that are not mine any more. */
function listed(saved: Saved, store: Store): Screen['saved'] {
  const mine = new Set([...store.list.chats.get(), ...store.archived.chats.get()].map(({ id }) => id));
  const items = (saved.list.get() ?? []).map(({ message: { chat, seq }, at }) => ({ chat, seq, at }));
  return items.filter(({ chat }) => mine.has(chat)).sort((a, b) => (a.chat === b.chat ? a.seq - b.seq : a.chat < b.chat ? -1 : 1));
}

const byId = (a: Member, b: Member): number => (a.person.id < b.person.id ? -1 : 1);
const byChat = (a: { chat: Chat }, b: { chat: Chat }): number => (a.chat.id < b.chat.id ? -1 : 1);

/** What the store shows of the chats on a screen, of members and messages only where it holds them all. */
function shown(store: Store, saved: Saved, screen: Screen, held: ReadonlySet<string>): Screen {
  const chats = [...store.list.chats.get(), ...store.archived.chats.get()].map((chat) => {
    if (!held.has(chat.id)) return { chat, members: [], messages: [] };
    const messages = Array.from({ length: chat.head_seq + 1 }, (_, seq) => store.log(chat.id).get(seq) as Message);
    return { chat, members: [...store.members.list.of(chat.id).get()].sort(byId), messages };
  });
  return { me: store.me.get() ?? screen.me, settings: store.settings.get(), saved: listed(saved, store), chats: chats.sort(byChat) };
}

/** Of a chat that was added, members and messages are fetched when somebody looks. */
function asHeld(screen: Screen, held: ReadonlySet<string>): Screen {
  const chats = screen.chats.map(({ chat, members, messages }) =>
    held.has(chat.id) ? { chat, members: [...members].sort(byId), messages } : { chat, members: [], messages: [] },
  );
  return { ...screen, chats: chats.sort(byChat) };
}

test.each(cases as unknown as Case[])('old state + events = fresh state: $name', async ({ before, events, after }) => {
  const kept = before.chats.map(({ chat }) => chat.id);
  const added = new Set(events.flatMap((event) => (event.type === 'chat_added' ? [event.chat] : [])));
  const held = new Set(kept.filter((id) => !added.has(id)));
  for (const times of [1, 2]) {
    const store = opened(before);
    const saved = await savedOf(store, before);
    for (const event of events) {
      for (let n = 0; n < times; n += 1) {
        store.apply(event);
        if (event.type === 'saved_changed') await saved.take(event satisfies SavedChange);
      }
    }
    expect(shown(store, saved, after, held)).toEqual(asHeld(after, held));
  }
});

test('the cases cover every kind of event', () => {
  const kinds = new Set((cases as unknown as Case[]).flatMap(({ events }) => events.map(({ type }) => type)));
  const all: ServerEvent['type'][] = [
    'message_created', 'message_edited', 'message_deleted', 'message_changed', 'reacted', 'member_changed', 'member_removed', 'chat_renamed', 'chat_changed', 'unknown_change',
    'chat_added', 'read_marker_moved', 'choices_changed', 'person_updated', 'saved_changed', 'scheduled_changed', 'settings_changed', 'receipts', 'typing', 'presence_changed',
  ];
  expect([...kinds].sort()).toEqual(all.sort());
});
