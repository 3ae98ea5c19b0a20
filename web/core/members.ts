import { Family } from './signal';
import type { Member, Person } from './types';

const none: readonly Member[] = [];

/** Members of the chats for which somebody asked, by name. */
export class Members {
  readonly list = new Family<readonly Member[]>((chat) => this.#held.get(chat) ?? none);
  readonly #held = new Map<string, readonly Member[]>();

  set(chat: string, members: readonly Member[]): void {
    const sorted = [...members].sort(byName);
    this.#held.set(chat, sorted);
    this.list.set(chat, sorted);
  }

  /** Somebody joined or has another role. */
  put(chat: string, member: Member): void {
    const held = this.#held.get(chat);
    if (held) this.set(chat, [...held.filter(({ person }) => person.id !== member.person.id), member]);
  }

  remove(chat: string, user: string): void {
    const held = this.#held.get(chat);
    if (held) this.set(chat, held.filter(({ person }) => person.id !== user));
  }

  /** Somebody has another name. */
  rename(people: ReadonlyMap<string, Person>): void {
    for (const [chat, members] of this.#held) {
      const isIn = members.some(({ person }) => people.has(person.id));
      if (isIn) this.set(chat, members.map((member) => ({ ...member, person: people.get(member.person.id) ?? member.person })));
    }
  }

  forget(chat: string): void {
    this.#held.delete(chat);
    this.list.set(chat, none);
  }
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

function byName(a: Member, b: Member): number {
  return collator.compare(a.person.name, b.person.name) || (a.person.id < b.person.id ? -1 : 1);
}
