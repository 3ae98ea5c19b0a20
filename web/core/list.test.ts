import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { ChatList } from './list';
import { byActivity } from './reduce';
import type { Chat } from './types';

const chat = (n: number, minute: number, unread = 0): Chat => ({ id: `c${n}`, last_message_at: new Date(minute * 60_000).toISOString(), unread }) as Chat;
const many = (): Chat[] => Array.from({ length: 313 }, (_, n) => chat(n, n));

function counted(): { list: ChatList; compared: () => number; told: { chats: () => number; order: () => number } } {
  const compare = vi.fn(byActivity);
  const list = new ChatList(compare);
  list.fill(many());
  compare.mockClear();
  const [chats, order] = [vi.fn(), vi.fn()];
  list.chats.subscribe(chats);
  list.order.subscribe(order);
  return { list, compared: () => compare.mock.calls.length, told: { chats: () => chats.mock.calls.length, order: () => order.mock.calls.length } };
}

it('sorts nothing and moves nobody when a chat changes where it is', () => {
  const { list, compared, told } = counted();
  list.put(chat(7, 7, 3));
  expect([compared(), told.chats(), told.order()]).toEqual([0, 1, 0]);
  expect(list.unread.get()).toBe(3);
});

it('finds the place of a chat with a new message in a few looks', () => {
  const { list, compared, told } = counted();
  list.put(chat(7, 999));
  expect(list.order.get()[0]).toBe('c7');
  expect(told.order()).toBe(1);
  expect(compared()).toBeLessThan(10);
});

it('is what sorting everything would make, whatever comes and goes', () => {
  const step = fc.record({ n: fc.nat(9), minute: fc.nat(5), unread: fc.nat(3), goes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const list = new ChatList();
      const known = new Map<string, Chat>();
      for (const { n, minute, unread, goes } of steps) {
        const one = chat(n, minute, unread);
        if (goes) known.delete(one.id);
        else known.set(one.id, one);
        if (goes) list.drop(one.id);
        else list.put(one);
      }
      const wanted = [...known.values()].sort(byActivity);
      expect(list.chats.get()).toEqual(wanted);
      expect(list.order.get()).toEqual(wanted.map(({ id }) => id));
      expect(list.unread.get()).toBe(wanted.reduce((sum, { unread }) => sum + unread, 0));
    }),
  );
});
