import { expect, test } from 'vitest';
import type { Chat } from '../../core';
import { newsSince, seenIn } from './news';

const chat = (over: object, last: object = {}): Chat =>
  ({ id: 'c', kind: 'direct', head_seq: 4, unread: 1, mentions: 0, last_message_at: '2026-11-23T10:00:00Z', last_message: { kind: 'text', author: 'bo', deleted: false, ...last }, ...over }) as unknown as Chat;
const before = seenIn([chat({ head_seq: 3 }), chat({ id: 'g', kind: 'group', head_seq: 3, mentions: 1 })]);
const told = (one: Chat): boolean => newsSince(before, [one], 'ada').length > 0;

test.each([
  ['a direct message', chat({}), true],
  ['one that was told', chat({ head_seq: 3 }), false],
  ['my own, from elsewhere', chat({}, { author: 'ada' }), false],
  ['one that was read elsewhere', chat({ unread: 0 }), false],
  ['one that was deleted at once', chat({}, { deleted: true }), false],
  ['what the chat itself says', chat({}, { kind: 'member_joined' }), false],
  ['a message to a group', chat({ id: 'g', kind: 'group', mentions: 1 }), false],
  ['a mention in a group', chat({ id: 'g', kind: 'group', mentions: 2 }), true],
  ['the first message of a new chat', chat({ id: 'n', last_message_at: '2026-11-23T10:00:01Z' }), true],
  ['what I muted', chat({ me: { muted_until: '9999-12-30T00:00:00Z', version: 1 } }), false],
  ['where I want to hear nothing', chat({ id: 'g', kind: 'group', mentions: 2, me: { level: 'none', version: 1 } }), false],
  ['where I want to hear of mentions only', chat({ me: { level: 'mentions', version: 1 } }), false],
  ['a mention there', chat({ mentions: 1, me: { level: 'mentions', version: 1 } }), true],
  ['an old chat that was scrolled to', chat({ id: 'n', last_message_at: '2026-11-22T10:00:00Z' }), false],
])('%s', (_, one, wanted) => {
  expect(told(one)).toBe(wanted);
});
