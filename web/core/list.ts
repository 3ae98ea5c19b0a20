import { countsFor, placeOf } from './choices';
import { byActivity } from './reduce';
import { Source } from './signal';
import type { Chat } from './types';

/** My chats by last activity. One that changes is put into its place, and the others are not sorted again. */
export class ChatList {
  readonly chats = new Source<readonly Chat[]>([]);
  /** Their ids: the same list as long as none comes, goes or moves, also to another section, whatever changes in them. */
  readonly order = new Source<readonly string[]>([]);
  /** How many messages in all of them I want to know of without looking. */
  readonly unread = new Source(0);
  readonly #compare: (a: Chat, b: Chat) => number;

  constructor(compare = byActivity) {
    this.#compare = compare;
  }

  fill(chats: Iterable<Chat>): void {
    const before = new Map(this.chats.get().map((chat) => [chat.id, placeOf(chat)]));
    const sorted = [...chats].sort(this.#compare);
    this.#show(sorted, sorted.some((chat) => before.get(chat.id) !== placeOf(chat)));
    this.unread.set(sorted.reduce((sum, chat) => sum + countsFor(chat), 0));
  }

  put(chat: Chat): void {
    const chats = [...this.chats.get()];
    const at = chats.findIndex(({ id }) => id === chat.id);
    const [was] = at < 0 ? [] : chats.splice(at, 1);
    const stays = was?.last_message_at === chat.last_message_at;
    chats.splice(stays ? at : this.#placeOf(chat, chats), 0, chat);
    this.#show(chats, was !== undefined && placeOf(was) !== placeOf(chat));
    this.unread.update((sum) => sum + countsFor(chat) - (was ? countsFor(was) : 0));
  }

  drop(id: string): void {
    const was = this.chats.get().find((chat) => chat.id === id);
    if (!was) return;
    this.#show(this.chats.get().filter((chat) => chat !== was));
    this.unread.update((sum) => sum - countsFor(was));
  }

  #placeOf(chat: Chat, chats: readonly Chat[]): number {
    let [from, to] = [0, chats.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = chats[middle];
      if (other && this.#compare(other, chat) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #show(chats: readonly Chat[], moves = false): void {
    const order = this.order.get();
    this.chats.set(chats);
    if (moves || chats.length !== order.length || chats.some(({ id }, n) => id !== order[n])) this.order.set(chats.map(({ id }) => id));
  }
}
