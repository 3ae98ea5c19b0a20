import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Message } from '../../core';
import type { MessageActions } from '../lib/message';
import type { Row } from '../lib/rows';
import Stage from '../testing/Stage.svelte';

const message = (over: object): Message => ({
  id: 'm', chat: 'c', seq: 7, cseq: -1, author: 'bo', kind: 'text', text: 'hello', client_id: 'x',
  created_at: '2026-11-23T10:00:00Z', edited_at: null, deleted: false, reply_to: null, subject: null, ...over,
}) as Message;

const actions = { quoted: () => ({ get: () => null, subscribe: () => () => {} }), canRemove: () => false } as unknown as MessageActions;
let shown: Record<string, unknown> | undefined;

function show(over: object): HTMLElement {
  const one = message(over);
  const row: Row = one.kind === 'text' ? { kind: 'message', key: 'k', message: one, first: true } : { kind: 'system', key: 'k', message: one };
  shown = mount(Stage, { target: document.body, props: { row, actions } });
  flushSync();
  return document.body;
}

const told = vi.fn();
beforeEach(() => vi.stubGlobal('reportError', told.mockReset()));
afterEach(async () => {
  if (shown) await unmount(shown);
  document.body.replaceChildren();
});

test('an entry of a kind that this page does not know is told as such, and keeps its number', () => {
  const page = show({ kind: 'poll_opened', text: 'Tea or coffee?' });
  const entry = page.querySelector<HTMLElement>('[data-seq="7"]');
  expect(entry?.textContent).toContain('Something newer happened here');
  expect(entry?.textContent).not.toContain('left');
  expect(entry?.title).toBe('poll_opened');
  expect(page.querySelectorAll('button')).toHaveLength(0);
});

test('a message that lacks what an older page did not keep is shown', () => {
  const page = show({ reply_to: undefined, subject: undefined, edited_at: undefined, deleted: undefined, reactions: [{ emoji: 'x' }] });
  expect(page.querySelector('.text')?.textContent).toBe('hello');
  expect(page.querySelector('.reply')).toBeNull();
});

test('a row that cannot be shown says so, breaks nothing beside it, and is tried again', () => {
  const page = show({ text: { toString: 1 } });
  expect(page.textContent).toContain('This message could not be shown.');
  expect(page.querySelector('textarea')).not.toBeNull();
  expect(told).toHaveBeenCalledOnce();
  page.querySelector('button')?.click();
  flushSync();
  expect(told).toHaveBeenCalledTimes(2);
});
