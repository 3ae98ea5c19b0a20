import { expect, test } from 'vitest';
import { sentenceOf } from './refusals';

/** Words of the machine, which say nothing to those who only write. */
const machine = /\bbytes?\b|NUL|JSON|client_id|ASCII|answered \d|\bHTTP\b|parameter|cursor|\b[45]\d\d\b|idempot/iu;

/** As the server says them. */
const refusals = [
  [500, 'internal', 'The server made a mistake.'],
  [503, 'unavailable', 'Part of the server does not answer. Try again soon; repeating this request is harmless.'],
  [422, 'text_too_long', 'A message has at most 16384 bytes of text.'],
  [422, 'text_has_nul', 'A message cannot hold the NUL character.'],
  [422, 'invalid_client_id', 'A client_id has 1 to 64 visible ASCII characters; a UUID is a good one.'],
  [400, 'malformed_json', 'expected value at line 1 column 1 of the JSON'],
  [413, 'body_too_large', 'A body has at most 262144 bytes.'],
  [400, 'invalid_cursor', 'The cursor is not one of this list.'],
  [502, undefined, undefined],
  [418, undefined, undefined],
] as const;

test.each(refusals)('%i %s is told in words for people', (status, code, detail) => {
  const told = sentenceOf(status, { ...(code ? { code } : {}), ...(detail ? { detail } : {}) });
  expect(told).not.toMatch(machine);
  expect(told).toMatch(/^[A-Z].*\.$/u);
});

test('what the server says well is passed on', () => {
  const detail = 'The name of a chat has 1 to 80 characters on one line.';
  expect(sentenceOf(422, { code: 'invalid_chat_name', detail })).toBe(detail);
});
