import { expect, test, vi } from 'vitest';
import { merged, withMessage, withReadMarker } from './reduce';
import { Store } from './store';
import { ada, chat, message } from './testing/made_up';
import type { Message, ServerEvent } from './types';

const me = ada.id;
const line = (seq: number, counted: number): Message => message(seq, { kind: 'member_joined', counted });

function opened(over: Parameters<typeof chat>[0] = {}): Store {
  const store = new Store({ messages: vi.fn(), changes: vi.fn(), unknown: vi.fn() });
  store.setMe(ada);
  store.takeChat(chat(over));
  return store;
}

const unread = (store: Store): number | undefined => store.chat.of('c').get()?.unread;
const created = (one: Message): ServerEvent => ({ type: 'message_created', chat: 'c', seq: one.seq, cseq: one.cseq, message: one });
const deleted = (seq: number, cseq: number, version = cseq): ServerEvent => ({
  type: 'message_deleted', chat: 'c', seq, cseq, message: message(seq, { cseq: version, text: '', deleted: true, counted: seq + 1 }),
});
/** Of a chat whose messages are not here. */
const row = { head_seq: 9, head_cseq: 0, read_seq: 4, unread: 5, last_message: message(9, { counted: 10 }) };

test('what the timeline says by itself is not unread', () => {
  const store = opened();
  for (const one of [message(0, { counted: 1 }), line(1, 1), message(2, { counted: 2 }), message(3, { counted: 3, kind: 'poll' as Message['kind'] })]) store.apply(created(one));
  expect(unread(store)).toBe(3);
});

test('nor is it where the messages above the marker are not here', () => {
  expect(withMessage(chat(row), line(10, 10), me).unread).toBe(5);
  expect(withMessage(chat(row), message(10, { counted: 11 }), me).unread).toBe(6);
});

test('a jump adds as many as there were, and all of them where a server does not say', () => {
  const before = chat({ head_seq: 4, unread: 2, read_seq: 1, last_message: message(4, { counted: 4 }) });
  expect(withMessage(before, message(9, { counted: 6 }), me).unread).toBe(4);
  expect(withMessage(before, message(9), me).unread).toBe(7);
  expect(withMessage(chat({ head_seq: 4, unread: 2, read_seq: 1 }), message(9, { counted: 6 }), me).unread).toBe(7);
});

test('a deletion is taken out once, by its own number', () => {
  const store = opened(row);
  store.apply(deleted(7, 1, 2));
  expect(unread(store), 'an earlier change of it').toBe(5);
  store.apply(deleted(7, 2));
  store.apply(deleted(7, 2));
  expect(unread(store)).toBe(4);
  store.apply(deleted(3, 3));
  expect(unread(store), 'it was read').toBe(4);
  store.takeChat(chat({ ...row, head_cseq: 4, unread: 3 }));
  store.takeChanges('c', { events: [deleted(8, 4)], up_to_cseq: 4, head_cseq: 4 });
  expect(unread(store), 'the row knew of it').toBe(3);
});

test('a message that comes as a stub counts until its deletion is told, and not at all if it was', () => {
  const stub = message(10, { cseq: 1, deleted: true, text: '', counted: 11 });
  const store = opened(row);
  store.apply(created(stub));
  store.apply(deleted(10, 1));
  expect(unread(store)).toBe(5);
  const late = opened(row);
  late.apply(deleted(10, 1));
  late.apply(created(stub));
  expect(unread(late)).toBe(5);
  const overtaken = opened(row);
  overtaken.apply(deleted(10, 1));
  overtaken.apply(created(message(10, { cseq: 0, counted: 11 })));
  expect(unread(overtaken), 'the copy that is held is the newer one').toBe(5);
});

test('a marker brings what was unread when it was counted, and what came since is added', () => {
  const now = chat({ ...row });
  expect(withReadMarker(now, 6, { unread: 1, mentions: 0, counted: 8 }).unread).toBe(3);
  expect(withReadMarker(now, 6, { unread: 2, mentions: 0 }).unread).toBe(2);
  expect(withReadMarker(now, 9).unread).toBe(0);
  expect(withReadMarker(now, 7).unread, 'no more than there are').toBe(2);
});

test('of two copies the one that knows more of reading and deleting says what is unread, and newer messages are added', () => {
  const theirs = chat({ ...row, head_cseq: 3, unread: 2 });
  const ours = chat({ ...row, head_seq: 11, unread: 7, last_message: message(11, { counted: 11 }) });
  expect(merged(ours, theirs).unread).toBe(3);
  expect(merged(theirs, ours).unread).toBe(3);
  expect(merged({ ...ours, read_seq: 10, unread: 1 }, theirs).unread).toBe(1);
});

test('who holds everything above the marker counts it, whatever was told', () => {
  const store = opened({ ...row, head_seq: 6, unread: 9, mentions: 9, last_message: message(6, { counted: 6, mentions: [me] }) });
  store.takeMessages('c', [line(5, 5)]);
  expect(store.chat.of('c').get()).toMatchObject({ unread: 1, mentions: 1 });
  store.apply(deleted(6, 1));
  expect(store.chat.of('c').get()).toMatchObject({ unread: 0, mentions: 0 });
});
