import { expect, test } from 'vitest';
import { Api } from './api';
import { Scheduled } from './scheduled';
import type { ScheduledMessage } from './types';

function made(id: string, send_at: string): ScheduledMessage {
  return { id, chat: 'c', text: id, client_id: id, send_at, reply_to: null, state: 'waiting' };
}

/** A server that has a list and remembers what was asked. */
function opened(): { scheduled: Scheduled; asked: string[]; server: ScheduledMessage[] } {
  const asked: string[] = [];
  const server: ScheduledMessage[] = [];
  const answer = (method: string, path: string, body: Record<string, string>): unknown => {
    if (method === 'GET') {
      const from = Number(new URL(path, 'http://x').searchParams.get('cursor') ?? 0);
      return { items: server.slice(from, from + 2), next: from + 2 < server.length ? String(from + 2) : null };
    }
    if (method === 'POST') return made(String(body['client_id']), String(body['send_at']));
    return method === 'PATCH' ? made('a', String(body['send_at'])) : null;
  };
  const carry = async ({ method, path, body }: { method: string; path: string; body?: unknown }) => {
    asked.push(`${method} ${path}`);
    return { status: 200, body: answer(method, path, (body ?? {}) as Record<string, string>) };
  };
  const api = new Api(fetch, carry, () => undefined);
  return { scheduled: new Scheduled(api), asked, server };
}

const ids = ({ list }: Scheduled): string[] | undefined => list.get()?.map(({ id }) => id);

test('what is sent later is loaded page by page when somebody looks', async () => {
  const { scheduled, asked, server } = opened();
  scheduled.isStale();
  expect(asked).toEqual([]);
  server.push(made('a', '2026-01-01'), made('b', '2026-01-02'), made('c', '2026-01-03'));
  await scheduled.load();
  expect(ids(scheduled)).toEqual(['a', 'b', 'c']);
  expect(asked).toHaveLength(2);
});

test('a change is shown at its place at once', async () => {
  const { scheduled, server } = opened();
  server.push(made('a', '2026-01-01T00:00:00.000Z'), made('b', '2026-01-02T00:00:00.000Z'));
  await scheduled.load();
  const later = { text: 'x', clientId: 'n', replyTo: null };
  await scheduled.add('c', { ...later, sendAt: new Date('2026-01-01T12:00:00Z') });
  expect(ids(scheduled)).toEqual(['a', 'n', 'b']);
  await scheduled.change('a', { sendAt: new Date('2026-01-03T00:00:00Z') });
  expect(ids(scheduled)).toEqual(['n', 'b', 'a']);
  await scheduled.cancel('b');
  expect(ids(scheduled)).toEqual(['n', 'a']);
});

test('an answer that a change overtook is not shown', async () => {
  const { scheduled, server } = opened();
  server.push(made('a', '2026-01-01T00:00:00.000Z'));
  await scheduled.load();
  const loading = scheduled.load();
  await Promise.all([loading, scheduled.cancel('a')]);
  expect(ids(scheduled)).toEqual([]);
});
