import { closedAt } from '../composer/query';
import * as area from '../composer/textarea';
import { prefs } from '../state/prefs.svelte';
import { endsInCode, mayHaveEmoji, withEmoji } from './replace';
import { emojiTable, knownEmoji, type Table } from './table';
import { toned } from './tone';

/** Loads what is needed to know the emoji in a text, before somebody wants to send it. */
export function prepareEmoji(text: string): void {
  if (mayHaveEmoji(text)) emojiTable().catch(() => undefined);
}

/** A text with emoji where their names stand between colons. Words wait for nothing: without the table they are sent as they are. */
export function spokenEmoji(text: string): string {
  const table = mayHaveEmoji(text) ? knownEmoji() : null;
  return table ? withEmoji(text, (name) => emojiOf(table, name)) : text;
}

/** Puts an emoji in the place of its name, whose second colon has just been typed. */
export async function closeEmoji(field: HTMLTextAreaElement): Promise<void> {
  const table = await emojiTable();
  const { text, start, end } = area.read(field);
  const name = closedAt({ text, start, end });
  const char = name && emojiOf(table, name);
  if (!char || endsInCode(text.slice(0, start))) return;
  const from = start - name.length - 2;
  area.write(field, { text: text.slice(0, from) + char + text.slice(end), start: from + char.length, end: from + char.length });
}

function emojiOf(table: Table, name: string): string | undefined {
  const found = table.named.get(name);
  return found && toned(found.char, prefs.now.tone);
}
