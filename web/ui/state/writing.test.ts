import { expect, test, vi } from 'vitest';
import type { Client, Draft } from '../../core';
import { Writing } from './writing.svelte';

/** The part of the core that keeps what is being written. */
function core(): Client & { sent: string[] } {
  const versions = new Map<string, { changed: number; record: Draft | null }>();
  let changed = 0;
  const sent: string[] = [];
  const of = (place: string) => versions.get(place) ?? { changed: 0, record: null };
  const isSomething = ({ text, replyTo, edit }: Draft): boolean => text.trim() !== '' || replyTo !== null || edit !== null;
  const setDraft = (place: string, record: Draft | null): number => {
    versions.set(place, { changed: (changed += 1), record: record && isSomething(record) ? record : null });
    return changed;
  };
  const edit = vi.fn((_: string, seq: number, text: string) => Promise.resolve(void sent.push(`${seq}: ${text}`)));
  const send = vi.fn((_: string, text: string, replyTo: number | null) => void sent.push(`${text} (${replyTo})`));
  return { draft: of, setDraft, edit, send, iAmTyping: () => undefined, sent } as unknown as Client & { sent: string[] };
}

const message = { seq: 4, text: 'as it was' };

test('a change and the draft under it are there again when the chat is opened again', () => {
  const client = core();
  const before = new Writing(client, 'c');
  before.typed('a draft');
  before.reply(2);
  before.edit(message);
  before.typed('as it shall be', [3, 5]);
  const again = new Writing(client, 'c');
  expect([again.text, again.editing, again.replyTo, again.selection]).toEqual(['as it shall be', { seq: 4, before: 'as it was' }, 2, [3, 5]]);
  again.cancel();
  expect([again.text, again.editing, again.replyTo]).toEqual(['a draft', null, 2]);
});

test('a change that was begun is not thrown away for another one, nor for an answer', () => {
  const writing = new Writing(core(), 'c');
  writing.edit(message);
  writing.typed('half changed');
  writing.edit({ seq: 9, text: 'another' });
  writing.reply(9);
  expect([writing.text, writing.editing?.seq, writing.replyTo]).toEqual(['half changed', 4, null]);
});

test('what is saved is the change, and what was under it comes back to be sent', async () => {
  const client = core();
  const writing = new Writing(client, 'c');
  writing.typed('later');
  writing.edit(message);
  writing.typed('better');
  expect(await writing.submit()).toBe(false);
  expect(writing.text).toBe('later');
  expect(await writing.submit()).toBe(true);
  expect(client.sent).toEqual(['4: better', 'later (null)']);
  expect(new Writing(client, 'c').text).toBe('');
});

test('what is typed while a change is being kept stays, and an answer may be begun', async () => {
  const client = core();
  const writing = new Writing(client, 'c');
  writing.edit(message);
  writing.typed('better');
  const saving = writing.submit();
  writing.reply(2);
  writing.typed('and more');
  await saving;
  expect([writing.text, writing.editing, writing.replyTo]).toEqual(['and more', null, 2]);
});

test('what another tab wrote is taken over, and what was written here since is not', () => {
  const client = core();
  const here = new Writing(client, 'c');
  const there = new Writing(client, 'c');
  there.typed('from there');
  expect(here.restore()).toBe(true);
  expect(here.text).toBe('from there');
  here.typed('from here');
  expect(here.restore()).toBe(false);
  expect(here.text).toBe('from here');
});
