import { expect, test } from 'vitest';
import { ApiError } from './api';
import { arranged, Mentions, worthReading } from './inbox';
import { Source } from './signal';
import type { Status } from './surface';
import { chat, message } from './testing/made_up';
import type { Chat, Message, Page } from './types';

const row = (id: string, over: Partial<Chat> = {}): Chat => chat({ id, unread: 1, ...over });
const at = (minute: number): string => `2026-11-28T10:${String(minute).padStart(2, '0')}:00Z`;
const naming = (seq: number, over: Partial<Message> = {}): Message => message(seq, { author: 'bo', mentions: ['ada'], created_at: at(seq), ...over });
const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

test('where I am named comes first, then who writes to me alone, then the rest', () => {
  const chats = [row('busy'), row('read', { unread: 0 }), row('bo', { kind: 'direct' }), row('named', { mentions: 1 }), row('calm')];
  expect(arranged([], chats)).toEqual(['named', 'bo', 'busy', 'calm']);
});

test('what is shown keeps its place, and what is new comes last', () => {
  expect(arranged(['calm', 'gone', 'bo'], [row('new', { mentions: 3 }), row('bo', { kind: 'direct' }), row('calm')])).toEqual(['calm', 'bo', 'new']);
});

test('a muted chat waits only with a mention, and a hidden one never', () => {
  const muted = { me: { version: 1, muted_until: '2999-01-01T00:00:00Z' } };
  expect(arranged([], [row('quiet', muted), row('called', { ...muted, mentions: 1 }), row('hidden', { me: { version: 1, hidden: true } })])).toEqual(['called']);
});

test('nobody has to read what they wrote, what is gone, and who came', () => {
  const lines = [message(1, { author: 'ada' }), message(2, { author: 'bo', deleted: true }), message(3, { author: 'bo', kind: 'member_joined' }), message(4, { author: 'bo' }), message(5, { author: 'bo' })];
  expect(worthReading(lines, 'ada', 1).map(({ seq }) => seq)).toEqual([4]);
});

class Fake {
  readonly changed = new Source<Message | null>(null);
  readonly status = new Source<Status>('offline');
  asked: (string | null)[] = [];
  answers: (Page<Message> | Error)[] = [];
  mentions = (cursor: string | null = null): Promise<Page<Message>> => {
    this.asked.push(cursor);
    const answer = this.answers.shift() ?? new ApiError(0, 'offline', '');
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
}

async function opened(...answers: (Page<Message> | Error)[]): Promise<{ fake: Fake; mentions: Mentions; seqs: () => number[] | undefined }> {
  const fake = new Fake();
  fake.answers = answers;
  const mentions = new Mentions(fake, 'ada');
  await settled();
  return { fake, mentions, seqs: () => mentions.list.get()?.map(({ seq }) => seq) };
}

test('mentions come page by page', async () => {
  const { fake, mentions, seqs } = await opened({ items: [naming(9), naming(7)], next: 'seven' }, { items: [naming(4)], next: null });
  expect(seqs()).toEqual([9, 7]);
  expect(mentions.isWhole).toBe(false);
  await mentions.more();
  expect([seqs(), mentions.isWhole, fake.asked]).toEqual([[9, 7, 4], true, [null, 'seven']]);
  await mentions.more();
  expect(fake.asked).toHaveLength(2);
});

test('what is told brings them forward: new, changed, not about me any more', async () => {
  const { fake, mentions, seqs } = await opened({ items: [naming(3), naming(2)], next: null });
  fake.changed.set(naming(5));
  expect(seqs()).toEqual([5, 3, 2]);
  fake.changed.set(naming(3, { text: 'other', cseq: 8 }));
  fake.changed.set(naming(3, { text: 'older', cseq: 6 }));
  expect(mentions.list.get()?.[1]).toMatchObject({ text: 'other' });
  fake.changed.set(naming(2, { mentions: [], cseq: 9 }));
  fake.changed.set(naming(5, { deleted: true, cseq: 10 }));
  fake.changed.set(message(6, { author: 'bo', created_at: at(6) }));
  fake.changed.set(naming(7, { author: 'ada' }));
  expect(seqs()).toEqual([3]);
});

test('an old one that is only fetched now waits for its page', async () => {
  const { fake, seqs } = await opened({ items: [naming(9), naming(7)], next: 'seven' });
  fake.changed.set(naming(4));
  fake.changed.set(naming(8));
  expect(seqs()).toEqual([9, 8, 7]);
});

test('without a connection it says why, and goes on when there is one', async () => {
  const { fake, mentions, seqs } = await opened(new ApiError(0, 'offline', ''));
  expect([seqs(), mentions.failed.get()]).toEqual([undefined, expect.any(ApiError)]);
  fake.answers = [{ items: [naming(1)], next: null }];
  fake.status.set('online');
  await settled();
  expect([seqs(), mentions.failed.get()]).toEqual([[1], null]);
});

test('looked at again, what was listed below the newest stays', async () => {
  const { fake, mentions, seqs } = await opened({ items: [naming(9), naming(7)], next: 'seven' }, { items: [naming(4)], next: 'four' });
  await mentions.more();
  fake.answers = [{ items: [naming(11), naming(9)], next: 'nine' }, { items: [naming(2)], next: null }];
  fake.status.set('online');
  await settled();
  expect(seqs()).toEqual([11, 9, 7, 4]);
  await mentions.more();
  expect([seqs(), fake.asked.at(-1)]).toEqual([[11, 9, 7, 4, 2], 'four']);
});

test('closed, it hears nothing', async () => {
  const { fake, mentions, seqs } = await opened({ items: [naming(1)], next: null });
  mentions.close();
  fake.changed.set(naming(5));
  expect(seqs()).toEqual([1]);
});
