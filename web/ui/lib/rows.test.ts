import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Item } from '../../core';
import { Rows, type Row } from './rows';

const base = Date.UTC(2026, 10, 23, 23, 58);
const day = 86_400_000;

const written = (seq: number, at: number, over: object = {}): Item => ({
  message: {
    id: `m${seq}`, chat: 'c', seq, cseq: -1, author: 'bo', kind: 'text', text: `number ${seq}`, client_id: `client-${seq}`,
    created_at: new Date(at).toISOString(), edited_at: null, deleted: false, reply_to: null, subject: null, reactions: [], ...over,
  },
});
const onItsWay = (clientId: string, at: number, author = 'ada'): Item => ({
  waiting: { clientId, chat: 'c', author, text: clientId, replyTo: null, at: new Date(at).toISOString(), state: 'queued', reason: null, code: null },
});

const draw = (items: Item[], after: number | null = null): Row[] => new Rows().draw(items, 'ada', after === null ? null : { after, spent: false });
const seqs = (rows: Row[]): number[] => rows.flatMap((row) => ('message' in row ? row.message.seq : []));
const keys = (rows: Row[]): string[] => rows.map(({ key }) => key);

test('messages written around midnight by a clock that is wrong have keys of their own', () => {
  const rows = draw([written(0, base), written(1, base + 300_000), written(2, base + 1000), onItsWay('x', base - day), onItsWay('y', base)]);
  expect(rows.filter(({ kind }) => kind === 'day').length).toBeGreaterThan(2);
  expect(new Set(keys(rows)).size).toBe(rows.length);
});

const clock = fc.integer({ min: -2 * day, max: 2 * day }).map((off) => base + off);
const someone = fc.constantFrom('ada', 'bo', 'by:bo', 'bo:client');
const kind = fc.constantFrom('text', 'member_joined', 'chat_renamed', 'poll_opened');
const client = fc.constantFrom('', 'same', 'client-1', 'client:1', '1~2');
const entry = fc.record({ at: clock, author: someone, kind, client_id: client });

test('whatever the clocks say, keys are unique and messages stay in order', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 30 }), fc.array(fc.record({ at: clock, author: someone, client_id: client }), { maxLength: 6 }), fc.integer({ min: -1, max: 30 }), (log, out, after) => {
      const items = [...log.map(({ at, ...over }, seq) => written(seq, at, over)), ...out.map(({ at, author, client_id }) => onItsWay(client_id, at, author))];
      const rows = draw(items, after);
      expect(new Set(keys(rows)).size).toBe(rows.length);
      expect(seqs(rows)).toEqual(log.map((_, seq) => seq));
      expect(rows.flatMap((row) => (row.kind === 'waiting' ? row.waiting.clientId : []))).toEqual(out.map(({ client_id }) => client_id));
    }),
    { numRuns: 500 },
  );
});

test('a message on its way keeps its key when the server has it', () => {
  const rows = new Rows();
  const before = rows.draw([written(0, base), onItsWay('mine', base)], 'ada', null);
  const after = rows.draw([written(0, base), written(1, base + 5, { author: 'ada', client_id: 'mine' })], 'ada', null);
  expect(keys(after).at(-1)).toBe(keys(before).at(-1));
});

test('rows that did not change are the same objects', () => {
  const rows = new Rows();
  const items = [written(5, base), written(6, base + 1000), written(7, base + 2000)];
  const before = rows.draw(items, 'ada', null);
  const after = rows.draw([written(4, base - 1000), ...items], 'ada', null);
  expect(after.slice(-2)).toEqual(before.slice(-2));
  expect(after.at(-1)).toBe(before.at(-1));
  expect(after.at(-2)).toBe(before.at(-2));
});

test('messages that lack what an older copy did not have are drawn all the same', () => {
  const rows = draw([written(0, base, { reply_to: undefined, subject: undefined }), written(1, base, { created_at: undefined })]);
  expect(seqs(rows)).toEqual([0, 1]);
});

test('the line stands before the first message of somebody else that is new', () => {
  const rows = draw([written(0, base), written(1, base + 1, { author: 'ada' }), written(2, base + 2)], 0);
  const line = rows.findIndex(({ kind }) => kind === 'new');
  expect(rows[line + 1]).toMatchObject({ kind: 'message', message: { seq: 2 } });
});
