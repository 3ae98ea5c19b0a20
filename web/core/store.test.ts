import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Store } from './store';
import { ada, bo, chat, message } from './testing/made_up';
import type { Message, ServerEvent } from './types';

function opened(over: Parameters<typeof chat>[0] = {}) {
  const repair = { messages: vi.fn(), changes: vi.fn(), unknown: vi.fn() };
  const store = new Store(repair);
  store.setMe(ada);
  store.takeChat(chat(over));
  return { store, repair };
}

const created = (seq: number, over: Partial<Message> = {}): ServerEvent => ({ type: 'message_created', chat: 'c', seq, cseq: -1, message: message(seq, over) });

test('a new message moves the head, the preview and the unread count', () => {
  const { store } = opened();
  store.apply(created(0));
  store.apply(created(1));
  expect(store.chat.of('c').get()).toMatchObject({ head_seq: 1, unread: 2, last_message: { seq: 1 } });
});

test('my own message is read as soon as it is there', () => {
  const { store } = opened();
  store.apply(created(0));
  store.apply(created(1, { author: ada.id }));
  expect(store.chat.of('c').get()).toMatchObject({ read_seq: 1, unread: 0 });
});

test('a number that jumps asks for what is missing', () => {
  const { store, repair } = opened();
  store.apply(created(0));
  store.apply(created(3));
  expect(repair.messages).toHaveBeenCalledWith('c', 0);
  expect(store.log('c').gaps(0, 3)).toEqual([{ from: 1, to: 2 }]);
});

test('a change number that jumps asks for the changes between', () => {
  const { store, repair } = opened();
  store.apply({ type: 'chat_renamed', chat: 'c', seq: -1, cseq: 2, name: 'New' });
  expect(repair.changes).toHaveBeenCalledWith('c');
});

test('an old edit does not undo a newer one', () => {
  const { store } = opened();
  store.apply(created(0));
  store.apply({ type: 'message_edited', chat: 'c', seq: 0, cseq: 1, message: message(0, { cseq: 1, text: 'newer' }) });
  store.apply({ type: 'message_edited', chat: 'c', seq: 0, cseq: 0, message: message(0, { cseq: 0, text: 'older' }) });
  expect(store.log('c').get(0)?.text).toBe('newer');
});

test('events in any order, any number of times, end in the same state', () => {
  const events: ServerEvent[] = [
    ...[0, 1, 2, 3, 4].map((seq) => created(seq)),
    { type: 'message_edited', chat: 'c', seq: 2, cseq: 0, message: message(2, { cseq: 0, text: 'edited' }) },
    { type: 'message_deleted', chat: 'c', seq: 2, cseq: 1, message: message(2, { cseq: 1, text: '', deleted: true }) },
    { type: 'read_marker_moved', chat: 'c', seq: 1, unread: 2, mentions: 0 },
  ];
  const shuffled = fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 });
  fc.assert(
    fc.property(shuffled, (order) => {
      const { store } = opened();
      order.forEach((event) => store.apply(event));
      expect([0, 1, 2, 3, 4].map((seq) => store.log('c').get(seq)?.text)).toEqual(['number 0', 'number 1', '', 'number 3', 'number 4']);
      expect(store.chat.of('c').get()).toMatchObject({ head_seq: 4, read_seq: 1, unread: 2 });
    }),
  );
});

test('whoever is removed loses the chat, the others lose a member', () => {
  const { store } = opened();
  store.members.set('c', [ada, bo].map((person) => ({ person, role: 'member', joined_at: '' })));
  store.apply({ type: 'member_removed', chat: 'c', seq: 0, cseq: 0, user: bo.id, member_count: 1 });
  expect(store.members.list.of('c').get().map(({ person }) => person.id)).toEqual(['ada']);
  store.apply({ type: 'member_removed', chat: 'c', seq: 0, cseq: 1, user: ada.id, member_count: 0 });
  expect(store.chat.of('c').get()).toBeNull();
  expect(store.list.chats.get()).toEqual([]);
});

test('an older copy of the chat from the server does not take numbers back', () => {
  const { store } = opened({ head_seq: 1, read_seq: 1 });
  store.apply(created(2));
  store.takeChat(chat({ head_seq: 1, read_seq: 0 }));
  expect(store.chat.of('c').get()).toMatchObject({ head_seq: 2, read_seq: 1, unread: 1 });
});

test('an answer that events have overtaken takes nothing back', () => {
  const { store } = opened({ name: 'Old', head_cseq: 0 });
  store.apply({ type: 'chat_renamed', chat: 'c', seq: -1, cseq: 1, name: 'New' });
  store.takeChat(chat({ name: 'Old', head_cseq: 0, member_count: 9 }));
  expect(store.chat.of('c').get()).toMatchObject({ name: 'New', member_count: 2, head_cseq: 1 });
});

test('a new name of a person is shown wherever they are', () => {
  const { store } = opened({ kind: 'direct', name: null, peer: bo });
  store.members.set('c', [{ person: bo, role: 'member', joined_at: '' }]);
  store.apply({ type: 'person_updated', person: { ...bo, name: 'Robert' } });
  expect(store.chat.of('c').get()?.peer?.name).toBe('Robert');
  expect(store.members.list.of('c').get()[0]?.person.name).toBe('Robert');
});

test('a message in a chat that is not known asks for the chat', () => {
  const { store, repair } = opened();
  store.apply({ ...(created(0) as Extract<ServerEvent, { type: 'message_created' }>), chat: 'unheard-of' });
  expect(repair.unknown).toHaveBeenCalledWith('unheard-of');
});

test('an event of an unknown type moves the number it says, and nothing else', () => {
  const { store, repair } = opened({ head_cseq: 4 });
  const before = store.chat.of('c').get();
  store.apply({ type: 'pinned', chat: 'c', seq: 0, cseq: 5, n: 'cseq', pins: [1] } as unknown as ServerEvent);
  expect(store.applied('c').cseq).toBe(5);
  expect(store.chat.of('c').get()).toEqual({ ...before, head_cseq: 5 });
  store.apply({ type: 'waved', chat: 'c', seq: 99, cseq: 99, weight: 'own' } as unknown as ServerEvent);
  store.apply({ type: 'moon_rose', weight: 'hint' } as unknown as ServerEvent);
  expect(store.applied('c').cseq).toBe(5);
  expect(repair.changes).not.toHaveBeenCalled();
  store.apply({ type: 'chat_renamed', chat: 'c', seq: 0, cseq: 6, n: 'cseq', name: 'New' });
  expect(store.chat.of('c').get()?.name).toBe('New');
  expect(repair.changes).not.toHaveBeenCalled();
});

test('a message that comes under another type is fetched', () => {
  const { store, repair } = opened({ head_seq: 3 });
  store.apply({ type: 'poll_created', chat: 'c', seq: 4, cseq: -1, n: 'seq' } as unknown as ServerEvent);
  expect(store.applied('c').seq).toBe(4);
  expect(repair.messages).toHaveBeenCalledWith('c', 3);
});

test('changes that are fetched are events like any other, and say when some before them are lost', () => {
  const renamed = (cseq: number, name: string): ServerEvent => ({ type: 'chat_renamed', chat: 'c', seq: 0, cseq, n: 'cseq', name });
  const { store } = opened({ head_cseq: 1 });
  expect(store.takeChanges('c', { events: [renamed(1, 'Old'), renamed(2, 'New')], up_to_cseq: 2, head_cseq: 4 })).toBe(true);
  expect(store.chat.of('c').get()).toMatchObject({ name: 'New', head_cseq: 2 });
  expect(store.takeChanges('c', { events: [renamed(1, 'Old')], up_to_cseq: 1, head_cseq: 4 })).toBe(true);
  expect(store.chat.of('c').get()?.name).toBe('New');
  expect(store.takeChanges('c', { events: [renamed(4, 'Last')], up_to_cseq: 4, head_cseq: 4 })).toBe(false);
  expect(store.takeChanges('c', { events: [], up_to_cseq: 9, head_cseq: 9 })).toBe(false);
});
