import type { Cache } from './db';
import { Source } from './signal';
import type { Draft } from './types';

const pause = 400;

/** What is being written, kept on this device a moment after the last key. */
export class Drafts {
  readonly all = new Source<ReadonlyMap<string, Draft>>(new Map());
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #cache: Pick<Cache, 'drafts' | 'saveDraft'> | null = null;

  async open(cache: Pick<Cache, 'drafts' | 'saveDraft'>): Promise<void> {
    const stored = await cache.drafts();
    this.#cache = cache;
    this.all.set(new Map([...stored, ...this.all.get()]));
  }

  set(chat: string, draft: Draft | null): void {
    const kept = draft && (draft.text.trim() !== '' || draft.replyTo !== null) ? draft : null;
    const next = new Map(this.all.get());
    if (kept) next.set(chat, kept);
    else next.delete(chat);
    this.all.set(next);
    clearTimeout(this.#timers.get(chat));
    const save = (): void => {
      this.#timers.delete(chat);
      void this.#cache?.saveDraft(chat, kept);
    };
    // What was sent must not come back after a reload.
    if (kept) this.#timers.set(chat, setTimeout(save, pause));
    else save();
  }

  /** Keeps what waits: the tab may be closed now. */
  flush(): void {
    for (const [chat, timer] of this.#timers) {
      clearTimeout(timer);
      void this.#cache?.saveDraft(chat, this.all.get().get(chat) ?? null);
    }
    this.#timers.clear();
  }
}
