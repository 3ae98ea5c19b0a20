import { byActivity } from './reduce';
import { Source } from './signal';
import type { Chat } from './types';

/** My chats by last activity. One that changes is put into its place, and the others are not sorted again. */
export class ChatList {
  readonly chats = new Source<readonly Chat[]>([]);
  /** Their ids: the same list as long as none comes, goes or moves, whatever changes in them. */
  readonly order = new Source<readonly string[]>([]);
  readonly unread = new Source(0);
  readonly #compare: (a: Chat, b: Chat) => number;

  constructor(compare = byActivity) {
    this.#compare = compare;
  }

  fill(chats: Iterable<Chat>): void {
    this.#show([...chats].sort(this.#compare));
    this.unread.set(this.chats.get().reduce((sum, chat) => sum + chat.unread, 0));
  }

  put(chat: Chat): void {
    const chats = [...this.chats.get()];
    const at = chats.findIndex(({ id }) => id === chat.id);
    const [was] = at < 0 ? [] : chats.splice(at, 1);
    const stays = was?.last_message_at === chat.last_message_at;
    chats.splice(stays ? at : this.#placeOf(chat, chats), 0, chat);
    this.#show(chats);
    this.unread.update((sum) => sum + chat.unread - (was?.unread ?? 0));
  }

  drop(id: string): void {
    const was = this.chats.get().find((chat) => chat.id === id);
    if (!was) return;
    this.#show(this.chats.get().filter((chat) => chat !== was));
    this.unread.update((sum) => sum - was.unread);
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

  #show(chats: readonly Chat[]): void {
    const order = this.order.get();
    this.chats.set(chats);
    if (chats.length !== order.length || chats.some(({ id }, n) => id !== order[n])) this.order.set(chats.map(({ id }) => id));
  }
}
