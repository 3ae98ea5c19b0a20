import type { Gap, Item, Message, Waiting } from '../../core';
import { daysAgo } from './time';

/** What is drawn, from top to bottom. */
export type Row =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'new'; key: string; spent: boolean }
  | { kind: 'gap'; key: string; gap: Gap }
  | { kind: 'system'; key: string; message: Message }
  | { kind: 'message'; key: string; message: Message; first: boolean }
  | { kind: 'waiting'; key: string; waiting: Waiting; first: boolean };

/** Where the line before new messages is drawn. */
export interface NewLine {
  after: number;
  /** Everything was read: the line keeps its room until nobody sees it go. */
  spent: boolean;
}

const together = 5 * 60_000;

interface Last {
  author: string;
  at: string;
}

type Entry = Exclude<Item, { gap: Gap }>;

/**
 * Draws items as rows: lines between days, the line before what is new, messages in groups of one author. No two
 * rows have the same key, whatever the clocks of their authors say, and a row that is as it was is the same object.
 */
export class Rows {
  #drawn = new Map<string, Row>();

  draw(items: readonly Item[], me: string, line: NewLine | null): Row[] {
    const before = this.#drawn;
    const drawn = new Map<string, Row>();
    for (const row of rows(items, me, line)) {
      const key = unique(row.key, drawn);
      const old = before.get(key);
      drawn.set(key, old && same(old, row) ? old : { ...row, key });
    }
    this.#drawn = drawn;
    return [...drawn.values()];
  }
}

function unique(key: string, taken: ReadonlyMap<string, Row>): string {
  let free = key;
  for (let n = 2; taken.has(free); n += 1) free = `${key}~${n}`;
  return free;
}

function same(a: Row, b: Row): boolean {
  const [old, fresh] = [Object.entries(a), b as Record<string, unknown>];
  return old.every(([name, value]) => name === 'key' || fresh[name] === value || sameGap(value, fresh[name]));
}

function sameGap(a: unknown, b: unknown): boolean {
  const [one, other] = [a as Partial<Gap> | null, b as Partial<Gap> | null];
  return one?.from !== undefined && one.from === other?.from && one.to === other?.to;
}

function* rows(items: readonly Item[], me: string, line: NewLine | null): Generator<Row> {
  let last: Last | null = null;
  let day = '';
  let marked = line === null;
  for (const item of items) {
    if ('gap' in item) {
      yield { kind: 'gap', key: `gap:${item.gap.from}`, gap: item.gap };
      last = null;
      continue;
    }
    const at = timeOf(item);
    const key = keyOf(item);
    if (startsDay(day, at)) {
      // Named by what follows it: the same day may come twice, if a clock was wrong.
      yield { kind: 'day', key: `day:${key}`, at };
      last = null;
    }
    day = at || day;
    if (!marked && line && isNew(item, me, line.after)) {
      yield { kind: 'new', key: `new:${key}`, spent: line.spent };
      marked = true;
      last = null;
    }
    const row = draw(item, key, last);
    yield row;
    last = row.kind === 'system' ? null : { author: authorOf(item), at };
  }
}

function draw(item: Entry, key: string, last: Last | null): Row {
  const first = begins(last, authorOf(item), timeOf(item));
  if ('waiting' in item) return { kind: 'waiting', key, waiting: item.waiting, first: first || item.waiting.replyTo !== null };
  const { message } = item;
  if (message.kind !== 'text') return { kind: 'system', key, message };
  return { kind: 'message', key, message, first: first || message.reply_to != null };
}

/** The same before and after the server has it, so that a message on its way becomes the message and does not move. */
function keyOf(item: Entry): string {
  if ('waiting' in item) return `by:${item.waiting.author}:${item.waiting.clientId}`;
  const { kind, author, client_id, seq } = item.message;
  return kind === 'text' && client_id ? `by:${author}:${client_id}` : `seq:${seq}`;
}

function begins(last: Last | null, author: string, at: string): boolean {
  return last?.author !== author || !(Math.abs(Date.parse(at) - Date.parse(last.at)) < together);
}

const isNew = (item: Entry, me: string, after: number): boolean => 'message' in item && item.message.seq > after && item.message.author !== me;

const timeOf = (item: Entry): string => ('message' in item ? item.message.created_at : item.waiting.at);

const authorOf = (item: Entry): string => ('message' in item ? item.message.author : item.waiting.author);

const startsDay = (before: string, at: string): boolean => !Number.isNaN(Date.parse(at)) && (before === '' || daysAgo(before, new Date(at)) !== 0);

/** Whether somebody wrote it: what focus stops at. */
export const isMessage = (row: Row): boolean => row.kind === 'message' || row.kind === 'waiting';
