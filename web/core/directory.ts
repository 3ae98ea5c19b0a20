import { withQuery, type Api } from './api';
import { Retrying } from './retrying';
import type { Signal } from './signal';
import type { Store } from './store';
import type { Member, Page, Person } from './types';

const pageSize = 100;
const mostMembers = 2_000;

/** Loads people and members when somebody looks at them, once. */
export class Directory {
  readonly #api: Api;
  readonly #store: Store;
  readonly #work: Retrying;
  readonly #asked = new Set<string>();
  /** Chats of which members were asked for. */
  readonly #shown = new Set<string>();

  constructor(api: Api, store: Store, random: () => number) {
    this.#api = api;
    this.#store = store;
    this.#work = new Retrying(random);
  }

  person(id: string): Signal<Person | null> {
    if (!this.#store.people.has(id)) this.#once(`person:${id}`, () => this.#loadPerson(id));
    return this.#store.people.person.of(id);
  }

  members(chat: string): Signal<readonly Member[]> {
    this.#shown.add(chat);
    this.#once(`members:${chat}`, () => this.#loadMembers(chat));
    return this.#store.members.list.of(chat);
  }

  async search(prefix: string, cursor: string | null): Promise<Page<Person>> {
    const page = await this.#api.call<Page<Person>>('GET', withQuery('/v1/people', { prefix, cursor, limit: 20 }));
    this.#store.addPeople(page.items);
    return page;
  }

  /** The connection is back. */
  hurry(): void {
    this.#work.hurry();
  }

  /** Members of this chat are asked for anew when somebody looks: the chat was forgotten meanwhile. */
  forget(chat: string): void {
    this.#asked.delete(`members:${chat}`);
  }

  /** Members that were loaded are loaded anew: of one chat, or of all. */
  reload(chat?: string): void {
    for (const id of chat === undefined ? this.#shown : [chat]) {
      if (this.#asked.has(`members:${id}`)) this.#work.ask(`members:${id}`, () => this.#loadMembers(id));
    }
  }

  stop(): void {
    this.#work.stop();
    this.#asked.clear();
    this.#shown.clear();
  }

  #once(name: string, work: () => Promise<void>): void {
    if (this.#asked.has(name)) return;
    this.#asked.add(name);
    this.#work.ask(name, work);
  }

  async #loadPerson(id: string): Promise<void> {
    if (this.#store.people.has(id)) return;
    this.#store.addPeople([await this.#api.call<Person>('GET', `/v1/people/${encodeURIComponent(id)}`)]);
  }

  /** Reads all pages; again, if somebody came or went meanwhile. */
  async #loadMembers(chat: string): Promise<void> {
    for (let before = NaN; before !== this.#store.applied(chat).cseq; ) {
      before = this.#store.applied(chat).cseq;
      const members = await this.#readMembers(chat);
      this.#store.addPeople(members.map(({ person }) => person));
      this.#store.members.set(chat, members);
    }
  }

  async #readMembers(chat: string): Promise<Member[]> {
    const all: Member[] = [];
    let cursor: string | null = null;
    do {
      const path = withQuery(`/v1/chats/${chat}/members`, { limit: pageSize, cursor });
      const page: Page<Member> = await this.#api.call('GET', path);
      all.push(...page.items);
      cursor = page.next;
    } while (cursor && all.length < mostMembers);
    return all;
  }
}
