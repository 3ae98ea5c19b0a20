import type { Problem } from './types';

/** Refusals whose own words are for those who write programs. The others say it well themselves. */
const sentences: Record<string, string> = {
  unauthenticated: 'You are signed out. Sign in again.',
  not_found: 'It is not there any more, or not for you to see.',
  internal: 'Something broke on the server. Try again in a moment.',
  unavailable: 'The server cannot do that right now. Try again in a moment.',
  rate_limited: 'That was too much at once. Try again in a moment.',
  storage_full: 'The server has no room left. Whoever runs it has to make some.',
  body_too_large: 'That is too long to be sent.',
  text_too_long: 'The message is too long to be sent.',
  text_has_nul: 'The message holds a character that cannot be sent.',
  unknown_reply: 'The message it answers is not there any more.',
  message_deleted: 'The message was deleted meanwhile.',
};

const ours = 'This page and the server do not understand each other. Reload the page.';
const misunderstood = new Set([
  'malformed_json',
  'invalid_body',
  'invalid_parameter',
  'invalid_cursor',
  'invalid_client_id',
  'invalid_seq',
  'method_not_allowed',
  'unsupported_media_type',
  'upgrade_required',
  'idempotency_key_reused',
]);

/** What to tell a person about a refusal. */
export function sentenceOf(status: number, problem: Partial<Problem>): string {
  const { code = '', detail } = problem;
  const known = sentences[code] ?? (misunderstood.has(code) ? ours : detail);
  if (known) return known;
  return status >= 500 ? 'The server cannot be reached right now. Try again in a moment.' : 'The server did not accept that.';
}
