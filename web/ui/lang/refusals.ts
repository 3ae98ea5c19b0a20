import { en, type Words } from './en';
import { rareRefusals, t } from './words.svelte';

/** Refusals that say something about this page, and nothing to a person. */
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
  'client_id_used',
  'invalid_hold',
  'invalid_undo',
]);

const isKnown = (code: string, refusals: Words['refusals']): code is keyof Words['refusals'] => Object.hasOwn(refusals, code);

/** A refusal as the core knows it: its stable code, and what the server said, which is English. */
interface Refusal {
  status: number;
  code: string;
  message: string;
}

/** What to tell a person about a refusal. */
export function sentenceOf({ status, code, message }: Refusal): string {
  const { refusals } = t();
  if (isKnown(code, refusals)) return refusals[code];
  const rare = rareRefusals()[code];
  if (rare) return rare;
  if (misunderstood.has(code)) return refusals.misunderstood;
  // Of a newer server: better its own words than none, for those who read them.
  if (message && refusals === en.refusals) return message;
  return status >= 500 ? refusals.unreachable : refusals.refused;
}
