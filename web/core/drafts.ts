import type { Cache } from './db';
import type { Shelf } from './shelf';
import { Source } from './signal';
import type { Composed, Draft } from './types';

/** A key is never further from the disk than this. */
const pause = 400;
const shelved = 'composed ';

/** What is written in one place; null when nothing is any more. `changed` says which of two is newer. */
export interface Version {
  changed: number;
  record: Composed | null;
}

/** What drafts need from outside. */
export interface DraftsWorld {
  disk: Pick<Cache, 'composed' | 'saveComposed'>;
  shelf: Shelf;
  /** Tells other tabs. */
  tell(place: string, version: Version): void;
}

/**
 * What is being written, one record for every place: a chat, or `chat/thread`. It is on the disk a moment after each
 * key, on the shelf when the page goes away, and in every tab. Of two versions the newer one counts.
 */
export class Drafts {
  /** As of the last save, which a draft is never far from. */
  readonly all = new Source<ReadonlyMap<string, Composed>>(new Map());
  /** Places whose newest words are not on the disk. */
  readonly unsaved = new Source<ReadonlySet<string>>(new Set());
  readonly #now: () => number;
  readonly #versions = new Map<string, Version>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #world: DraftsWorld | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Begins with what this device kept. What stands on the shelf is moved to the disk. */
  async open(world: DraftsWorld): Promise<void> {
    const stored = await world.disk.composed();
    this.#world = world;
    for (const [place, record] of stored) this.#take(place, { changed: record.changed, record });
    for (const [place, version] of world.shelf.all(shelved)) {
      this.#take(place, version as Version);
      void this.#save(place);
    }
    this.#publish();
  }

  /** The newest of a place; null where nothing is being written. */
  of(place: string): Version {
    return this.#versions.get(place) ?? { changed: 0, record: null };
  }

  /**
   * Takes what is being written now, in memory at once and on the disk soon. Answers its place in time. While nobody's
   * device is open nothing is taken: it would become the next person's.
   */
  set(place: string, draft: Draft | null, title: string | null): number {
    if (!this.#world) return 0;
    const changed = Math.max(this.#now(), this.of(place).changed + 1);
    const record = draft && isSomething(draft) ? { ...draft, title, changed } : null;
    this.#versions.set(place, { changed, record });
    this.#mark(place, true);
    // What was sent must not come back, so only words wait for the next key.
    if (!record) void this.#save(place);
    else if (!this.#timers.has(place)) this.#timers.set(place, setTimeout(() => void this.#save(place), pause));
    return changed;
  }

  /** The chats have another history now: numbers of messages mean others. The words of a change become words to send. */
  otherHistory(): void {
    for (const [place, { record }] of this.#versions) {
      if (!record || (record.edit === null && record.replyTo === null)) continue;
      const text = [record.text, record.edit?.text ?? ''].filter(Boolean).join('\n\n');
      this.set(place, { text, replyTo: null, edit: null, selection: [text.length, text.length] }, record.title);
    }
    this.#publish();
  }

  /** Another tab wrote. */
  heard(place: string, version: Version): void {
    if (this.#take(place, version)) this.#publish();
  }

  /** Keeps what is not on the disk yet, without waiting for anything. */
  keepNow(): void {
    for (const place of this.unsaved.get()) this.#world?.shelf.put(shelved + place, this.of(place));
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    await Promise.all([...this.unsaved.get()].map((place) => this.#save(place)));
  }

  /** Forgets everything, without touching what is kept. */
  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#versions.clear();
    this.#world = null;
    this.unsaved.set(new Set());
    this.#publish();
  }

  #take(place: string, version: Version): boolean {
    const isNews = version.changed > this.of(place).changed || !this.#versions.has(place);
    if (isNews) this.#versions.set(place, version);
    return isNews;
  }

  async #save(place: string): Promise<void> {
    clearTimeout(this.#timers.get(place));
    this.#timers.delete(place);
    this.#publish();
    const world = this.#world;
    if (!world) return;
    const version = this.of(place);
    world.tell(place, version);
    const isKept = await world.disk.saveComposed(place, version.record);
    if (!isKept || this.of(place).changed !== version.changed) return;
    this.#mark(place, false);
    world.shelf.drop(shelved + place);
  }

  #mark(place: string, isUnsaved: boolean): void {
    if (this.unsaved.get().has(place) === isUnsaved) return;
    const next = new Set(this.unsaved.get());
    if (isUnsaved) next.add(place);
    else next.delete(place);
    this.unsaved.set(next);
  }

  #publish(): void {
    const written = [...this.#versions].flatMap(([place, { record }]): [string, Composed][] => (record ? [[place, record]] : []));
    this.all.set(new Map(written));
  }
}

const isSomething = ({ text, replyTo, edit }: Draft): boolean => text.trim() !== '' || replyTo !== null || edit !== null;
