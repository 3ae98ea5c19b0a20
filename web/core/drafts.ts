import type { Cache } from './db';
import { Source } from './signal';
import type { Draft } from './types';

const pause = 400;

type Disk = Pick<Cache, 'drafts' | 'saveDraft'>;

/** What is being written, kept on this device a moment after the last key. */
export class Drafts {
  readonly all = new Source<ReadonlyMap<string, Draft>>(new Map());
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #disk: Disk | null = null;

  async open(disk: Disk): Promise<void> {
    const stored = await disk.drafts();
    this.#disk = disk;
    this.all.set(new Map([...stored, ...this.all.get()]));
  }

  set(chat: string, draft: Draft | null): void {
    const kept = draft && (draft.text.trim() !== '' || draft.replyTo !== null) ? draft : null;
    const next = new Map(this.all.get());
    if (kept) next.set(chat, kept);
    else next.delete(chat);
    this.all.set(next);
    clearTimeout(this.#timers.get(chat));
    // What was sent must not come back after a reload, so only text waits for the next key.
    if (kept) this.#timers.set(chat, setTimeout(() => void this.#save(chat), pause));
    else void this.#save(chat);
  }

  /** Keeps what waits: the tab may be closed now. */
  async flush(): Promise<void> {
    await Promise.all([...this.#timers.keys()].map((chat) => this.#save(chat)));
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#disk = null;
    this.all.set(new Map());
  }

  async #save(chat: string): Promise<void> {
    clearTimeout(this.#timers.get(chat));
    this.#timers.delete(chat);
    await this.#disk?.saveDraft(chat, this.all.get().get(chat) ?? null);
  }
}
