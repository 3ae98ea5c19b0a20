import { countsFor } from './choices';
import { mentionsMe } from './mentions';
import { Source, type Signal } from './signal';
import type { Client } from './surface';
import type { Chat, Message, Page } from './types';
import { counts } from './unread';

/** How soon somebody wants to look at a chat: where they are named, then who writes to them alone, then the rest. */
const rankOf = (chat: Chat): number => ((chat.mentions ?? 0) > 0 ? 0 : chat.kind === 'direct' ? 1 : 2);

/**
 * The chats in which something waits to be read, out of all in the order of the list. What was shown keeps its place
 * for as long as it waits, and what is new comes last: nothing moves from under the hand.
 */
export function arranged(before: readonly string[], chats: readonly Chat[]): string[] {
  const waiting = chats.filter((chat) => countsFor(chat) > 0);
  const ids = new Set(waiting.map(({ id }) => id));
  const kept = before.filter((id) => ids.delete(id));
  const fresh = waiting.filter(({ id }) => ids.has(id)).sort((a, b) => rankOf(a) - rankOf(b));
  return [...kept, ...fresh.map(({ id }) => id)];
}

/** Those of a chat's unread messages that somebody has to read, at most `most`. */
export const worthReading = (messages: readonly Message[], me: string, most: number): Message[] =>
  messages.filter((message) => counts(message) && !message.deleted && message.author !== me).slice(0, most);

type MentionsClient = Pick<Client, 'mentions' | 'changed' | 'status'>;

/** Messages that mention me, newest first, for as long as somebody looks: fetched page by page, then brought forward by what is told. */
export class Mentions {
  readonly #list = new Source<readonly Message[] | null>(null);
  readonly #failed = new Source<unknown>(null);
  readonly #client: MentionsClient;
  readonly #me: string;
  readonly #stops: (() => void)[];
  #next: string | null = null;
  /** The same page is asked for once at a time. */
  #loading: Promise<void> | null = null;
  #isClosed = false;

  constructor(client: MentionsClient, me: string) {
    this.#client = client;
    this.#me = me;
    this.#stops = [
      client.changed.subscribe((message) => message && this.#told(message)),
      client.status.subscribe((status) => status === 'online' && void this.load()),
    ];
    void this.load();
  }

  /** Null until the first page came. */
  get list(): Signal<readonly Message[] | null> {
    return this.#list;
  }

  /** Why the page that was asked for last did not come; null if it did. */
  get failed(): Signal<unknown> {
    return this.#failed;
  }

  get isWhole(): boolean {
    return this.#next === null;
  }

  /** Fetches the newest ones. */
  load(): Promise<void> {
    return this.#fetch(null);
  }

  /** Fetches what came before those that are listed. */
  more(): Promise<void> {
    return this.#next === null ? Promise.resolve() : this.#fetch(this.#next);
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
  }

  #fetch(cursor: string | null): Promise<void> {
    this.#loading ??= this.#page(cursor).finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #page(cursor: string | null): Promise<void> {
    const page: Page<Message> | null = await this.#client.mentions(cursor).catch((error: unknown) => (this.#failed.set(error), null));
    if (!page || this.#isClosed) return;
    this.#failed.set(null);
    const listed = this.#list.get();
    // Looked at again, the newest ones are what may be new; what was listed below them stays.
    if (cursor !== null || listed === null) this.#next = page.next;
    this.#list.set(joined(listed ?? [], page.items));
  }

  #told(message: Message): void {
    const listed = this.#list.get();
    if (!listed) return;
    const held = listed.find((one) => isSame(one, message));
    const isOne = mentionsMe(message, this.#me);
    if (!isOne) return void (held && this.#list.set(listed.filter((one) => one !== held)));
    // An old one that was only fetched now stands further down than the list goes.
    if (!held && listed.length > 0 && !this.isWhole && isBefore(message, listed.at(-1))) return;
    this.#list.set(joined(listed, [message]));
  }
}

const isSame = (a: Message, b: Message): boolean => a.chat === b.chat && a.seq === b.seq;
const isBefore = (a: Message, b: Message | undefined): boolean => b !== undefined && a.created_at < b.created_at;

/** Both lists as one, newest first, each message as the newest version says. */
function joined(listed: readonly Message[], more: readonly Message[]): Message[] {
  const all = new Map(listed.map((message) => [`${message.chat} ${message.seq}`, message]));
  for (const message of more) {
    const key = `${message.chat} ${message.seq}`;
    if ((all.get(key)?.cseq ?? -1) <= message.cseq) all.set(key, message);
  }
  return [...all.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : b.seq - a.seq));
}
