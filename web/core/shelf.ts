import type { World } from './world';

const prefix = 'petit-words';

/**
 * Takes words in the moment they are given: a page that goes away may not wait for the database. What stands here is
 * folded into the database at the next start, and taken away.
 */
export class Shelf {
  readonly #storage: World['storage'];
  readonly #mine: string;

  constructor(storage: World['storage'], user: string) {
    this.#storage = storage;
    this.#mine = `${prefix} ${user} `;
  }

  put(name: string, words: unknown): void {
    try {
      this.#storage?.setItem(this.#mine + name, JSON.stringify(words));
    } catch {
      // Full or forbidden: the database is asked at the same moment, and mostly makes it.
    }
  }

  drop(name: string): void {
    try {
      this.#storage?.removeItem(this.#mine + name);
    } catch {
      // Where nothing can be stored there is nothing to drop.
    }
  }

  /** What stands here under names that begin with `kind`, without it. */
  all(kind: string): [name: string, words: unknown][] {
    return this.#names(this.#mine + kind).flatMap((key) => {
      const words = this.#read(key);
      return words === undefined ? [] : [[key.slice(this.#mine.length + kind.length), words] as [string, unknown]];
    });
  }

  clear(): void {
    for (const key of this.#names(this.#mine)) this.drop(key.slice(this.#mine.length));
  }

  #names(beginning: string): string[] {
    try {
      const keys = Array.from({ length: this.#storage?.length ?? 0 }, (_, at) => this.#storage?.key(at) ?? '');
      return keys.filter((key) => key.startsWith(beginning));
    } catch {
      return [];
    }
  }

  #read(key: string): unknown {
    try {
      return JSON.parse(this.#storage?.getItem(key) ?? '') as unknown;
    } catch {
      return undefined;
    }
  }
}
