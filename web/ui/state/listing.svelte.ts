import type { Page } from '../../core';

/** A list that is searched and fetched page by page. Answers of an older search are thrown away. */
export class Listing<T> {
  items = $state.raw<readonly T[]>([]);
  busy = $state(true);
  error = $state.raw<unknown>(null);
  #next = $state.raw<string | null>(null);
  #prefix = '';
  #round = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #fetch: (prefix: string, cursor: string | null) => Promise<Page<T>>;

  constructor(fetch: (prefix: string, cursor: string | null) => Promise<Page<T>>) {
    this.#fetch = fetch;
  }

  get more(): boolean {
    return this.#next !== null;
  }

  search(prefix: string, wait = 0): void {
    clearTimeout(this.#timer);
    this.#prefix = prefix.trim();
    this.busy = true;
    this.#timer = setTimeout(() => void this.#load(null), wait);
  }

  async next(): Promise<void> {
    if (this.#next !== null && !this.busy) await this.#load(this.#next);
  }

  async #load(cursor: string | null): Promise<void> {
    const round = ++this.#round;
    this.busy = true;
    try {
      const page = await this.#fetch(this.#prefix, cursor);
      if (round !== this.#round) return;
      this.items = cursor === null ? page.items : [...this.items, ...page.items];
      this.#next = page.next;
      this.error = null;
    } catch (error) {
      if (round === this.#round) this.error = error;
    } finally {
      if (round === this.#round) this.busy = false;
    }
  }
}
