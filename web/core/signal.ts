/** A value that can be watched. Listeners are told after it changed, in the order they came. */
export interface Signal<T> {
  get(): T;
  /** Calls `listener` at every change, not at once. Answers how to stop it. */
  subscribe(listener: (value: T) => void): () => void;
}

/** A signal whose owner sets it. */
export class Source<T> implements Signal<T> {
  #value: T;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(this.#value, value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener(value);
  }

  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }

  subscribe(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Signals by key, made when first asked for. */
export class Family<T> {
  readonly #sources = new Map<string, Source<T>>();
  readonly #first: (key: string) => T;

  constructor(first: (key: string) => T) {
    this.#first = first;
  }

  of(key: string): Source<T> {
    let source = this.#sources.get(key);
    if (!source) this.#sources.set(key, (source = new Source(this.#first(key))));
    return source;
  }

  /** Sets a key's value, making no signal nobody asked for. */
  set(key: string, value: T): void {
    this.#sources.get(key)?.set(value);
  }
}
