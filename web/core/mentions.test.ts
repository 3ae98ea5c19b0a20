import { expect, test } from 'vitest';
import { merged, withMessage, withReadMarker, withRevision } from './reduce';
import type { Chat, Message } from './types';

const me = 'me';

const chat = (over: Partial<Chat> = {}): Chat =>
  ({ id: 'c', head_seq: 0, head_cseq: -1, read_seq: 0, unread: 0, mentions: 0, last_message: null, ...over }) as Chat;

const message = (seq: number, mentions?: string[], over: Partial<Message> = {}): Message =>
  ({ chat: 'c', seq, cseq: -1, author: 'bo', kind: 'text', text: '', deleted: false, created_at: `${seq}`, ...(mentions && { mentions }), ...over }) as Message;

test('live messages that mention me or all are counted and others are not', () => {
  let row = chat();
  for (const one of [message(1, ['me', 'cy']), message(2), message(3, ['all']), message(4, ['cy']), message(5, ['later'])]) {
    row = withMessage(row, one, me);
  }
  expect([row.unread, row.mentions]).toEqual([5, 2]);
  expect(withMessage(row, message(5, ['me']), me).mentions).toBe(2);
});

test('whoever writes has read what mentions them, and mentions nobody by themselves', () => {
  const row = withMessage(chat(), message(1, ['me']), me);
  expect(withMessage(row, message(2, ['all'], { author: me }), me)).toMatchObject({ unread: 0, mentions: 0 });
});

test('what the timeline says of me marks nothing read', () => {
  const row = withMessage(chat(), message(1, ['me']), me);
  expect(withMessage(row, message(2, undefined, { author: me, kind: 'chat_renamed' }), me)).toMatchObject({ unread: 1, mentions: 1 });
});

test('a marker that moved brings the count of what is left', () => {
  const row = chat({ head_seq: 5, unread: 5, mentions: 3 });
  expect(withReadMarker(row, 2).mentions).toBe(3);
  expect(withReadMarker(row, 2, { unread: 3, mentions: 1 }).mentions).toBe(1);
  const marked = withReadMarker(row, 2);
  expect(withReadMarker(marked, 2, { unread: 3, mentions: 1 })).toMatchObject({ read_seq: 2, unread: 3, mentions: 1 });
  expect(withReadMarker(marked, 2)).toBe(marked);
  expect(withReadMarker(row, 5, { unread: 0, mentions: 0 })).toMatchObject({ unread: 0, mentions: 0 });
});

test('an edit of the newest message adds and takes out', () => {
  const row = withMessage(chat(), message(1), me);
  const added = withRevision(row, message(1, ['me'], { cseq: 0 }), me);
  expect(added.mentions).toBe(1);
  expect(withRevision(added, message(1, undefined, { cseq: 1, deleted: true }), me).mentions).toBe(0);
});

test('a deletion of an older message takes out what that mentioned, if it is held', () => {
  const older = message(1, ['me']);
  const row = withMessage(withMessage(chat(), older, me), message(2), me);
  const stub = message(1, undefined, { cseq: 1, deleted: true });
  expect(withRevision(row, stub, me, older).mentions).toBe(0);
  expect(withRevision(row, stub, me).mentions, 'who does not hold it waits for the list').toBe(1);
  expect(withRevision(row, older, me, stub)).toBe(row);
});

test('of two copies the one that knows more of messages and reading says how many', () => {
  const ours = chat({ head_seq: 5, unread: 5, mentions: 2 });
  expect(merged(ours, chat({ head_seq: 4, unread: 4, mentions: 1 })).mentions).toBe(2);
  expect(merged(ours, chat({ head_seq: 5, unread: 5, mentions: 4 })).mentions).toBe(4);
  expect(merged(ours, chat({ head_seq: 5, read_seq: 5, mentions: 0 })).mentions).toBe(0);
  const older = chat({ head_seq: 5, unread: 5 });
  delete (older as { mentions?: number }).mentions;
  expect(merged(older, older).mentions).toBe(0);
});
