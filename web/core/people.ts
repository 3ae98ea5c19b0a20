import type { Journal } from './journal';
import { Family } from './signal';
import type { Person } from './types';

/** Everybody this tab has heard of. */
export class People {
  readonly person = new Family<Person | null>((id) => this.#held.get(id) ?? null);
  readonly named = new Family<Person | null>((username) => this.#names.get(username) ?? null);
  readonly #held = new Map<string, Person>();
  readonly #names = new Map<string, Person>();
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  has(id: string): boolean {
    return this.#held.has(id);
  }

  /** Takes people as this device kept them. */
  restore(people: readonly Person[]): void {
    for (const person of people) this.#set(person);
  }

  /** Takes people as the server knows them. Answers who is new or has changed. */
  add(people: readonly Person[]): Person[] {
    const fresh = people.filter((person) => !same(this.#held.get(person.id), person));
    for (const person of fresh) this.#set(person);
    if (fresh.length > 0) this.#journal.people(fresh);
    return fresh;
  }

  clear(): void {
    for (const id of this.#held.keys()) this.person.set(id, null);
    for (const username of this.#names.keys()) this.named.set(username, null);
    this.#held.clear();
    this.#names.clear();
  }

  #set(person: Person): void {
    this.#held.set(person.id, person);
    this.person.set(person.id, person);
    this.#names.set(person.username, person);
    this.named.set(person.username, person);
  }
}

function same(a: Person | undefined, b: Person): boolean {
  return a !== undefined && a.name === b.name && a.username === b.username && a.role === b.role;
}
