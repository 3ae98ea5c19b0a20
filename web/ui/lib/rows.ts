import type { Gap, Item, Message, Waiting } from '../../core';
import { daysAgo } from './time';

/** What is drawn, from top to bottom. */
export type Row =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'new'; key: string }
  | { kind: 'gap'; key: string; gap: Gap }
  | { kind: 'system'; key: string; message: Message }
  | { kind: 'message'; key: string; message: Message; first: boolean }
  | { kind: 'waiting'; key: string; waiting: Waiting; first: boolean };

const together = 5 * 60_000;

interface Last {
  author: string;
  at: string;
}

/** Draws the items as rows: lines between days, the line before what is new, messages in groups of one author. */
export function rows(items: readonly Item[], me: string, newAfter: number | null): Row[] {
  const out: Row[] = [];
  let last: Last | null = null;
  let day = '';
  let marked = newAfter === null;
  for (const item of items) {
    if ('gap' in item) {
      out.push({ kind: 'gap', key: `gap-${item.gap.from}`, gap: item.gap });
      last = null;
      continue;
    }
    const at = 'message' in item ? item.message.created_at : item.waiting.at;
    if (startsDay(day, at)) {
      out.push({ kind: 'day', key: `day-${dayOf(at)}`, at });
      last = null;
    }
    day = at;
    if (!marked && isNew(item, me, newAfter)) {
      out.push({ kind: 'new', key: 'new' });
      marked = true;
      last = null;
    }
    const row = draw(item, last);
    out.push(row);
    last = row.kind === 'system' ? null : { author: authorOf(item), at };
  }
  return out;
}

function draw(item: Exclude<Item, { gap: Gap }>, last: Last | null): Row {
  if ('waiting' in item) {
    const { waiting } = item;
    return { kind: 'waiting', key: `${waiting.author}:${waiting.clientId}`, waiting, first: begins(last, waiting.author, waiting.at) || waiting.replyTo !== null };
  }
  const { message } = item;
  const key = `${message.author}:${message.client_id}`;
  if (message.kind !== 'text') return { kind: 'system', key, message };
  return { kind: 'message', key, message, first: begins(last, message.author, message.created_at) || message.reply_to !== null };
}

function begins(last: Last | null, author: string, at: string): boolean {
  return last?.author !== author || Date.parse(at) - Date.parse(last.at) >= together;
}

function isNew(item: Exclude<Item, { gap: Gap }>, me: string, newAfter: number | null): boolean {
  return 'message' in item && newAfter !== null && item.message.seq > newAfter && item.message.author !== me;
}

const authorOf = (item: Exclude<Item, { gap: Gap }>): string => ('message' in item ? item.message.author : item.waiting.author);

const startsDay = (before: string, at: string): boolean => before === '' || daysAgo(before, new Date(at)) !== 0;

const dayOf = (at: string): string => new Date(at).toDateString();

/** Whether somebody wrote it: what focus stops at. */
export const isMessage = (row: Row): boolean => row.kind === 'message' || row.kind === 'waiting';
