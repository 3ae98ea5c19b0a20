import { expect, test, vi } from 'vitest';
import { previewOf, withMessage, withRevision } from './reduce';
import { Store } from './store';
import { ada, chat, message } from './testing/made_up';

test('a preview is the beginning of a text, cut between characters, and says so', () => {
  const short = message(0, { text: 'é☕'.repeat(100) });
  expect(previewOf(short)).toBe(short);
  const pairs = message(0, { text: '👩'.repeat(200) });
  expect(previewOf(pairs), 'as many characters, twice the code units').toBe(pairs);
  expect(previewOf(message(0, { text: `${'👩'.repeat(200)}x` }))).toMatchObject({ text: '👩'.repeat(200), is_cut: true });
});

test('a row keeps a preview of what comes and what is edited', () => {
  const long = 'x'.repeat(300);
  const row = withMessage(chat(), message(0, { text: long }), ada.id);
  expect(row.last_message).toMatchObject({ text: long.slice(0, 200), is_cut: true });
  const edited = withRevision(row, message(0, { cseq: 0, text: 'short' }), ada.id);
  expect(edited.last_message?.is_cut).toBeUndefined();
});

test('a preview is never kept as the message', () => {
  const store = new Store({ messages: vi.fn(), changes: vi.fn(), unknown: vi.fn() });
  store.setMe(ada);
  const whole = message(0, { text: 'x'.repeat(300) });
  store.takeChat(chat({ head_seq: 0, unread: 1, last_message: previewOf(whole) }));
  expect(store.log('c').get(0)).toBeUndefined();
  store.takeMessages('c', [whole]);
  expect(store.log('c').get(0)?.text).toHaveLength(300);
});
