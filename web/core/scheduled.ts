import { withQuery, type Api } from './api';
import { Source, type Signal } from './signal';
import type { Page, ScheduledMessage } from './types';

/** What is to be sent, and when. */
export interface Later {
  text: string;
  sendAt: Date;
  clientId: string;
  replyTo: number | null;
}

/** Everything that waits or has failed, as the server has it now. */
export async function allScheduled(api: Api): Promise<ScheduledMessage[]> {
  const all: ScheduledMessage[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<ScheduledMessage> = await api.call('GET', withQuery('/v1/scheduled', { limit: 100, cursor }));
    all.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return all;
}

/** My messages that are sent later: fetched when somebody looks at them, and again whenever they changed. */
export class Scheduled {
  readonly #api: Api;
  readonly #list = new Source<readonly ScheduledMessage[] | null>(null);
  #isLookedAt = false;
  #round = 0;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Soonest first; null until they were loaded. */
  get list(): Signal<readonly ScheduledMessage[] | null> {
    return this.#list;
  }

  async load(): Promise<void> {
    this.#isLookedAt = true;
    const round = ++this.#round;
    // What is only held for some seconds is seen in its chat.
    const all = (await allScheduled(this.#api)).filter(({ held, state }) => !held || state === 'failed');
    // An answer that was overtaken by a newer question is old.
    if (round === this.#round) this.#list.set(all);
  }

  /** Asking again with the same client id is harmless. */
  async add(chat: string, { text, sendAt, clientId, replyTo }: Later): Promise<ScheduledMessage> {
    const body = { text, client_id: clientId, send_at: sendAt.toISOString(), reply_to: replyTo };
    return this.#changed(await this.#api.call<ScheduledMessage>('POST', `/v1/chats/${chat}/scheduled`, { body }));
  }

  async change(id: string, { text, sendAt }: { text?: string; sendAt?: Date }): Promise<ScheduledMessage> {
    const body = { ...(text === undefined ? {} : { text }), ...(sendAt ? { send_at: sendAt.toISOString() } : {}) };
    return this.#changed(await this.#api.call<ScheduledMessage>('PATCH', `/v1/scheduled/${id}`, { body }));
  }

  async cancel(id: string): Promise<void> {
    await this.#api.call('DELETE', `/v1/scheduled/${id}`);
    this.#put((list) => list.filter((one) => one.id !== id));
  }

  /** The server says that they changed, or nothing was heard for a while. */
  isStale(): void {
    // What could not be loaded is loaded at the next change, or when somebody looks again.
    if (this.#isLookedAt) this.load().catch(() => undefined);
  }

  forget(): void {
    this.#isLookedAt = false;
    this.#round += 1;
    this.#list.set(null);
  }

  #changed(one: ScheduledMessage): ScheduledMessage {
    this.#put((list) => {
      const rest = list.filter(({ id }) => id !== one.id);
      return [...rest, one].sort((a, b) => (a.send_at < b.send_at ? -1 : a.send_at > b.send_at ? 1 : 0));
    });
    return one;
  }

  #put(change: (list: readonly ScheduledMessage[]) => readonly ScheduledMessage[]): void {
    this.#round += 1;
    this.#list.update((list) => list && change(list));
  }
}
