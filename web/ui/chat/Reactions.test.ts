import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Message } from '../../core';
import type { MessageActions } from '../lib/message';
import type { Row } from '../lib/rows';
import { speak } from '../lang/words.svelte';
import Stage from '../testing/Stage.svelte';

const actions = { quoted: () => ({ get: () => null, subscribe: () => () => {} }), canRemove: () => false, toggle: vi.fn(), react: vi.fn(), reactors: vi.fn() };
const label = (one: Element | undefined): string | null | undefined => one?.getAttribute('aria-label');
let shown: Record<string, unknown> | undefined;

const message = (reactions: unknown): Message => ({
  id: 'm', chat: 'c', seq: 7, cseq: -1, author: 'bo', kind: 'text', text: 'hello', client_id: 'x',
  created_at: '2026-11-23T10:00:00Z', edited_at: null, deleted: false, reply_to: null, subject: null, reactions,
}) as Message;

function show(reactions: unknown): HTMLButtonElement[] {
  const row: Row = { kind: 'message', key: 'k', message: message(reactions), first: true };
  shown = mount(Stage, { target: document.body, props: { row, actions: actions as unknown as MessageActions } });
  flushSync();
  return [...document.querySelectorAll<HTMLButtonElement>('.react')];
}

beforeEach(() => vi.stubGlobal('reportError', (error: Error) => expect.fail(error.message)));
afterEach(async () => {
  if (shown) await unmount(shown);
  document.body.replaceChildren();
  vi.clearAllMocks();
  await speak('en');
});

const thumb = { emoji: '👍', count: 5, sample: ['bo', 'ada'], mine: true };
const party = { emoji: '🎉', count: 1, sample: ['bo'], mine: false };

test('every kind says how many, whether it is one’s own, and who once somebody is near', () => {
  const [first, second, add] = show([thumb, party]);
  expect([first, second].flatMap((one) => [label(one), one?.getAttribute('aria-pressed')])).toEqual(['👍, 5 reactions', 'true', '🎉, 1 reaction', 'false']);
  expect(first?.title).toBe('');
  document.querySelector('article')?.dispatchEvent(new FocusEvent('focusin', { bubbles: true }));
  flushSync();
  expect([first?.title, second?.title]).toEqual(['You, Bo and 3 more', 'Bo']);
  expect(label(add)).toBe('React');
});

test('a click toggles, the last one opens the picker, the key of the menu shows who', () => {
  const [first, , add] = show([thumb, party]);
  first?.click();
  expect(actions.toggle).toHaveBeenCalledWith(expect.objectContaining({ seq: 7 }), '👍');
  add?.click();
  expect(actions.react).toHaveBeenCalledWith(expect.objectContaining({ seq: 7 }), add);
  first?.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }));
  expect(actions.reactors).toHaveBeenCalledWith(expect.objectContaining({ seq: 7 }), '👍');
});

test('without reactions there is nothing, and what an older copy or a newer server lacks is no harm', () => {
  expect(show([])).toHaveLength(0);
  document.body.replaceChildren();
  expect(show([{ emoji: 'x' }]).map(label)).toEqual(['x, 1 reaction', 'React']);
});

test('it is told in French too', async () => {
  await speak('fr');
  const [first] = show([thumb]);
  expect(label(first)).toBe('👍, 5 réactions');
});
