import { ApiError } from '../../core';
import { sentenceOf } from '../lang/refusals';
import { t } from '../lang/words.svelte';

/** What to tell a person about an error, in their language. */
export function reason(error: unknown): string {
  if (error instanceof ApiError) return sentenceOf(error);
  if (error instanceof TypeError) return t().refusals.offline;
  // What the page itself says, such as of an empty name.
  if (error instanceof Error && error.message) return error.message;
  return t().refusals.silent;
}
