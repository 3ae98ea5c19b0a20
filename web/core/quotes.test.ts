import { expect, test } from 'vitest';
import { ApiError } from './api';
import { Quotes } from './quotes';
import { message } from './testing/made_up';
import type { Message } from './types';

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function world(answer: (seq: number) => Promise<Message>) {
  const log = new Map<number, Message>();
  const asked: number[] = [];
  const quotes = new Quotes({
    held: (seq) => log.get(seq),
    fetch: (seq) => {
      asked.push(seq);
      return answer(seq);
    },
  });
  return { log, asked, quotes };
}

const gone = (): Promise<Message> => Promise.reject(new ApiError(404, 'not_found', 'There is none.'));
const offline = (): Promise<Message> => Promise.reject(ApiError.offline());

test('a message that is not there is asked for once, however many answers name it', async () => {
  const { quotes, asked } = world(gone);
  for (let n = 0; n < 4; n += 1) quotes.of(7);
  await settled();
  quotes.refresh();
  quotes.heal();
  expect(quotes.of(7).get()).toBeNull();
  await settled();
  expect(asked).toEqual([7]);
});

test('what could not be asked is asked again when the connection is back', async () => {
  let answer = offline;
  const { quotes, asked } = world(() => answer());
  expect(quotes.of(3).get()).toBeUndefined();
  await settled();
  answer = () => Promise.resolve(message(3));
  quotes.heal();
  await settled();
  expect(quotes.of(3).get()).toEqual(message(3));
  expect(asked).toEqual([3, 3]);
});

test('a quote follows the message it quotes', () => {
  const { quotes, log, asked } = world(gone);
  log.set(5, message(5));
  const quoted = quotes.of(5);
  log.set(5, message(5, { deleted: true, text: '', cseq: 4 }));
  quotes.refresh();
  expect(quoted.get()?.deleted).toBe(true);
  log.delete(5);
  quotes.refresh();
  expect(quoted.get()?.deleted).toBe(true);
  expect(asked).toEqual([]);
});
