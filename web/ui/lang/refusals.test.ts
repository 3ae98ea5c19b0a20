import { afterEach, expect, test } from 'vitest';
import { refusalOf } from './refused';
import { sentenceOf } from './refusals';
import { more } from './more';
import { addRefusals, speak } from './words.svelte';

addRefusals(() => more().refusals);

afterEach(() => speak('en'));

/** Words of the machine, which say nothing to those who only write. */
const machine = /\bbytes?\b|NUL|JSON|client_id|ASCII|answered \d|\bHTTP\b|parameter|cursor|\b[45]\d\d\b|idempot/iu;

/** As the server says them. */
const refusals = [
  [500, 'internal', 'The server made a mistake.'],
  [503, 'unavailable', 'Part of the server does not answer. Try again soon; repeating this request is harmless.'],
  [422, 'text_too_long', 'A message has at most 16384 bytes of text.'],
  [422, 'text_has_nul', 'A message cannot hold the NUL character.'],
  [422, 'invalid_section', 'The name of a section has 1 to 64 characters on one line.'],
  [422, 'invalid_client_id', 'A client_id has 1 to 64 visible ASCII characters; a UUID is a good one.'],
  [400, 'malformed_json', 'expected value at line 1 column 1 of the JSON'],
  [413, 'body_too_large', 'A body has at most 262144 bytes.'],
  [400, 'invalid_cursor', 'The cursor is not one of this list.'],
  [502, 'unknown', ''],
  [418, 'unknown', ''],
] as const;

test.each(refusals)('%i %s is told in words for people', async (status, code, message) => {
  for (const language of ['en', 'fr'] as const) {
    await speak(language);
    const told = sentenceOf({ status, code, message });
    expect(told).not.toMatch(machine);
    expect(told).toMatch(/^\p{Lu}.*\.$/u);
  }
});

test('what a newer server says is passed on to those who read English', async () => {
  const newer = { status: 422, code: 'poll_closed', message: 'The poll was closed.' };
  expect(sentenceOf(newer)).toBe('The poll was closed.');
  await speak('fr');
  expect(sentenceOf(newer)).toBe('Le serveur n’a pas accepté cette demande.');
});

test('why a message was not sent is told in the language of now, whenever it was refused', async () => {
  const task = { code: 'not_found', reason: 'There is no such thing here, or you may not see it.' };
  expect(refusalOf(task)).toBe('You are not in this chat any more.');
  await speak('fr');
  expect(refusalOf(task)).toBe('Vous ne faites plus partie de cette discussion.');
  expect(refusalOf({ code: null, reason: null })).toBe('Le serveur ne l’a pas accepté.');
});
