import { withQuery, type Api } from './api';
import type { Cache } from './db';
import { Source, type Signal } from './signal';
import type { Client, SavedMessages } from './surface';
import { isSaving } from './tasks';
import type { Message, Page, SavedItem, ServerEvent, Task } from './types';

/** Told: a message is saved now, or is not any more. */
export type SavedChange = Extract<ServerEvent, { type: 'saved_changed' }>;

type SavedClient = Pick<Client, 'doing' | 'changed' | 'message'>;
type Kept = Pick<Cache, 'kept' | 'keep'> | null;

/** Under which name they are kept on this device. */
const name = 'saved';

/** What a message is called among those that are saved. */
export const savedKey = ({ chat, seq }: { chat: string; seq: number | null }): string => `${chat} ${seq}`;
const keyOf = ({ message }: SavedItem): string => savedKey(message);

/** What I saved, newest first: kept on this device, fetched whole, then brought forward by what is told. */
export class Saved implements SavedMessages {
  readonly #list = new Source<readonly SavedItem[] | null>(null);
  readonly #keys = new Source<ReadonlySet<string>>(new Set());
  readonly #failed = new Source<unknown>(null);
  readonly #client: SavedClient;
  readonly #api: Pick<Api, 'call'>;
  readonly #cache: () => Kept;
  #held: readonly SavedItem[] | null = null;
  /** Messages that are to be saved. */
  readonly #found = new Map<string, Message | null>();
  /** What was told of each message since the list was asked for: the answer may be older. */
  readonly #told = new Map<string, SavedChange>();
  #round = 0;

  constructor(client: SavedClient, api: Pick<Api, 'call'>, cache: () => Kept) {
    this.#client = client;
    this.#api = api;
    this.#cache = cache;
    client.doing.subscribe(() => this.#show());
    client.changed.subscribe((message) => message && this.#revised(message));
    void this.#open();
  }

  get list(): Signal<readonly SavedItem[] | null> {
    return this.#list;
  }

  get keys(): Signal<ReadonlySet<string>> {
    return this.#keys;
  }

  get failed(): Signal<unknown> {
    return this.#failed;
  }

  /** Fetches all of them. What cannot be fetched now is at the next connection. */
  async load(): Promise<void> {
    const round = ++this.#round;
    this.#told.clear();
    try {
      const items = await allSaved(this.#api);
      // An answer that was overtaken by a newer question is old.
      if (round !== this.#round) return;
      this.#failed.set(null);
      this.#hold(items);
      for (const change of [...this.#told.values()]) await this.take(change);
    } catch (error) {
      if (round === this.#round) this.#failed.set(error);
    }
  }

  /** Takes what was told. */
  async take(change: SavedChange): Promise<void> {
    this.#told.set(savedKey(change), change);
    const round = this.#round;
    const message = change.saved ? await this.#client.message(change.chat, change.seq) : null;
    if (!this.#held || round !== this.#round) return;
    const isLast = this.#told.get(savedKey(change)) === change;
    if (isLast) this.#hold(withChange(this.#held, change, message));
  }

  /** What was done here was done by the server. */
  done({ chat, kind, seq, at }: Task): void {
    void this.take({ type: 'saved_changed', chat, seq: seq ?? -1, saved: kind === 'save', at });
  }

  /** Another person signs in, or the server has another history. */
  forget(): void {
    this.#round += 1;
    this.#held = null;
    this.#found.clear();
    this.#show();
  }

  async #open(): Promise<void> {
    const loading = this.load();
    const kept = await this.#cache()?.kept<SavedItem[]>(name);
    if (kept && !this.#held) {
      this.#held = kept;
      this.#show();
    }
    await loading;
  }

  #revised(message: Message): void {
    const held = this.#held?.find((item) => keyOf(item) === savedKey(message));
    if (!held || !this.#held || held.message.cseq > message.cseq) return;
    this.#hold(message.deleted ? this.#held.filter((item) => item !== held) : this.#held.map((item) => (item === held ? { ...item, message } : item)));
  }

  #hold(items: readonly SavedItem[]): void {
    this.#held = items;
    void this.#cache()?.keep(name, items);
    this.#show();
  }

  /** Shows them as they are once what was done here is done. */
  #show(): void {
    const tasks = this.#client.doing.get().filter((task) => isSaving(task) && task.state !== 'failed');
    const isOn = new Map(tasks.map((task) => [savedKey(task), task.kind === 'save']));
    const left = (this.#held ?? []).filter((item) => isOn.get(keyOf(item)) !== false);
    const keys = new Set(left.map(keyOf));
    const fresh = tasks.filter((task) => task.kind === 'save' && isOn.get(savedKey(task)) && !keys.has(savedKey(task)));
    for (const task of fresh) keys.add(savedKey(task));
    this.#keys.set(keys);
    const before = fresh.reverse().flatMap((task) => this.#itemOf(task));
    this.#list.set(this.#held && [...before, ...left]);
  }

  #itemOf({ chat, seq, at }: Task): SavedItem[] {
    const key = savedKey({ chat, seq });
    const message = this.#found.get(key);
    if (message === undefined) void this.#find(key, chat, seq ?? -1);
    return message ? [{ message, at }] : [];
  }

  async #find(key: string, chat: string, seq: number): Promise<void> {
    this.#found.set(key, null);
    const message = await this.#client.message(chat, seq);
    if (!message) return void this.#found.delete(key);
    this.#found.set(key, message);
    this.#show();
  }
}

/** As many as anybody can have. */
async function allSaved(api: Pick<Api, 'call'>): Promise<SavedItem[]> {
  const all: SavedItem[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<SavedItem> = await api.call('GET', withQuery('/v1/me/saved', { limit: 100, cursor }));
    all.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return all;
}

/** The list after one of them was saved or taken out, newest first. */
function withChange(items: readonly SavedItem[], change: SavedChange, message: Message | null): readonly SavedItem[] {
  const others = items.filter((item) => keyOf(item) !== savedKey(change));
  if (!message || message.deleted) return others;
  const at = others.findIndex((item) => item.at <= change.at);
  return at < 0 ? [...others, { message, at: change.at }] : others.toSpliced(at, 0, { message, at: change.at });
}
