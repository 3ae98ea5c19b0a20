import { expect, test } from 'vitest';
import { Places } from './places';
import { message } from './testing/made_up';
import type { Forwarded, Message } from './types';

const copy: Forwarded = { author: 'ada', at: '2026-11-28T10:00:00Z', text: 'the tide' };
const at = { chat: 'c', seq: 3 };
const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

function asking(answer: () => Forwarded | undefined): { places: Places; asked: string[] } {
  const asked: string[] = [];
  const answered = async (chat: string, seq: number): Promise<Message> => {
    asked.push(`${chat} ${seq}`);
    const forwarded = answer();
    return message(seq, forwarded && { forwarded });
  };
  return { places: new Places({ answered }), asked };
}

test('what everybody is told does not say where it was: it is asked for once', async () => {
  const { places, asked } = asking(() => ({ ...copy, chat: 'vault', seq: 7 }));
  const place = places.of(at, copy);
  expect(place.get()).toBeNull();
  await settled();
  expect([place.get(), places.of(at, copy), asked]).toEqual([{ chat: 'vault', seq: 7 }, place, ['c 3']]);
});

test('who knows or may not know asks nobody', async () => {
  const { places, asked } = asking(() => copy);
  expect(places.of(at, { ...copy, chat: 'vault', seq: 7 }).get()).toEqual({ chat: 'vault', seq: 7 });
  expect(places.of({ chat: 'c', seq: 4 }, { ...copy, hidden: true }).get()).toBeNull();
  await settled();
  expect(asked).toEqual([]);
});

test('what could not be asked for is when somebody looks again', async () => {
  let isOffline = true;
  const { places, asked } = asking(() => {
    if (isOffline) throw new Error('offline');
    return { ...copy, chat: 'vault', seq: 7 };
  });
  places.of(at, copy);
  await settled();
  isOffline = false;
  const place = places.of(at, copy);
  await settled();
  expect([place.get()?.seq, asked.length]).toEqual([7, 2]);
});
