import { Api, withQuery } from './api';
import { Cache, LastUser, type Outgoing } from './db';
import { Drafts } from './drafts';
import { Hints } from './hints';
import type { Client, Status, Timeline } from './index';
import { Outbox } from './outbox';
import { uuid } from './id';
import { Source, type Signal } from './signal';
import { Connection } from './socket';
import { Store } from './store';
import { Sync } from './sync';
import { TimelineWindow } from './timeline';
import type * as T from './types';

/** What the client needs from the place it runs in. */
export interface World {
  fetch: typeof fetch;
  openSocket(): WebSocket;
  random(): number;
  now(): number;
  locks: Pick<LockManager, 'request'> | null;
  channel(name: string): Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'close'> | null;
}

const browser: World = {
  fetch: (input, init) => fetch(input, init),
  openSocket: () => new WebSocket(`${location.origin.replace(/^http/u, 'ws')}/v1/socket`, ['petit.v1.json']),
  random: Math.random,
  now: Date.now,
  locks: globalThis.navigator?.locks ?? null,
  channel: (name) => (typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name)),
};

export function createClient(world: World = browser): Client {
  return new PetitClient(world);
}

class PetitClient implements Client {
  readonly status = new Source<Status>('starting');
  readonly #world: World;
  readonly #api: Api;
  readonly #sync: Sync;
  readonly #store: Store;
  readonly #hints: Hints;
  readonly #drafts = new Drafts();
  readonly #connection: Connection;
  readonly #timelines = new Map<string, Set<TimelineWindow>>();
  readonly #loadingPeople = new Set<string>();
  readonly #loadingMembers = new Set<string>();
  #cache: Cache | null = null;
  #outbox: Outbox | null = null;
  #channel: ReturnType<World['channel']> = null;

  constructor(world: World) {
    this.#world = world;
    this.#api = new Api(world.fetch, () => this.#signedOut());
    this.#sync = new Sync(this.#api, () => this.#store);
    this.#store = new Store(this.#sync);
    this.#hints = new Hints(world.now);
    this.#connection = new Connection(
      {
        ticket: async () => (await this.#api.call<{ ticket: string }>('POST', '/v1/socket-ticket')).ticket,
        open: world.openSocket,
        random: world.random,
      },
      {
        event: (event) => this.#event(event),
        live: (complete) => void this.#live(complete),
        stale: () => void this.#sync.compare(),
        heads: (heads) => this.#compareHeads(heads),
        lost: () => this.#lost(),
        signedOut: () => this.#signedOut(),
      },
    );
  }

  get me(): Signal<T.Person | null> {
    return this.#store.me;
  }

  get chats(): Signal<readonly T.Chat[]> {
    return this.#store.chats;
  }

  get drafts(): Signal<ReadonlyMap<string, T.Draft>> {
    return this.#drafts.all;
  }

  async start(): Promise<void> {
    const last = await LastUser.get().catch(() => null);
    if (last) await this.#openCache(last);
    try {
      const me = await this.#api.call<T.Person>('GET', '/v1/me');
      if (last !== me.id) await this.#changeUser(last, me.id);
      this.#store.setMe(me);
    } catch {
      if (this.status.get() === 'signed-out') return;
      if (!last) {
        this.status.set('offline');
        setTimeout(() => void this.start(), 3_000);
        return;
      }
    }
    this.#connection.start();
  }

  /** Another person signed in on this device: their copy is another one. */
  async #changeUser(last: string | null, user: string): Promise<void> {
    if (last) {
      this.#cache?.close();
      for (const chat of this.#store.known()) this.#store.forgetChat(chat.id);
      await Cache.wipe(last);
    }
    await LastUser.set(user);
    await this.#openCache(user);
  }

  async #openCache(user: string): Promise<void> {
    const cache = await Cache.open(user);
    this.#cache = cache;
    await Promise.all([this.#store.open(cache), this.#drafts.open(cache)]);
    this.#outbox?.stop();
    this.#channel?.close();
    this.#channel = this.#world.channel(`petit-${user}`);
    const outbox = new Outbox({
      cache,
      author: user,
      send: (message) => this.#post(message),
      sent: (message) => this.#store.takeMessages(message.chat, [message]),
      now: this.#world.now,
      random: this.#world.random,
      alone: (work) => this.#alone(`petit-outbox-${user}`, work),
      tell: () => this.#channel?.postMessage('outbox'),
    });
    this.#outbox = outbox;
    this.#channel?.addEventListener('message', () => void outbox.reload());
    outbox.waiting.subscribe(() => this.#refreshAll());
    await outbox.start();
    if (this.#store.chats.get().length > 0) this.status.update((status) => (status === 'starting' ? 'offline' : status));
  }

  #alone(name: string, work: () => Promise<void>): void {
    if (this.#world.locks) void this.#world.locks.request(name, work);
    else void work();
  }

  #post(message: Outgoing): Promise<T.Message> {
    const body = { text: message.text, client_id: message.clientId, reply_to: message.replyTo };
    return this.#api.call('POST', `/v1/chats/${message.chat}/messages`, { body });
  }

  async #live(complete: boolean): Promise<void> {
    this.#outbox?.hurry();
    if (!complete) await this.#sync.compare();
    if (this.status.get() !== 'signed-out') this.status.set('online');
    this.#refreshAll();
  }

  #lost(): void {
    if (this.status.get() === 'online') this.status.set('offline');
    this.#hints.unknown();
  }

  #signedOut(): void {
    this.#connection.stop();
    this.#outbox?.stop();
    this.status.set('signed-out');
  }

  #event(event: T.ServerEvent): void {
    const me = this.#store.me.get()?.id;
    if (event.type === 'typing' && event.user !== me) this.#hints.isTyping(event.chat, event.user);
    if (event.type === 'presence_changed') this.#hints.isHere(event.user, event.presence);
    if (event.type === 'message_created') this.#hints.stopped(event.chat, event.message.author);
    this.#store.apply(event);
    if ('chat' in event) this.#refresh(event.chat);
  }

  #compareHeads(heads: Record<string, T.Head>): void {
    for (const [chat, head] of Object.entries(heads)) {
      const applied = this.#store.applied(chat);
      if (head.seq > applied.seq || head.cseq > applied.cseq) void this.#sync.compare();
    }
  }

  chat(id: string): Signal<T.Chat | null | undefined> {
    const signal = this.#store.chat.of(id);
    if (signal.get() === undefined) void this.#loadChat(id);
    return signal;
  }

  async #loadChat(id: string): Promise<void> {
    try {
      this.#store.takeChat(await this.#api.call<T.Chat>('GET', `/v1/chats/${encodeURIComponent(id)}`));
    } catch {
      if (this.#store.chat.of(id).get() === undefined) this.#store.chat.of(id).set(null);
    }
  }

  async moreChats(): Promise<boolean> {
    if (!this.#sync.next) return false;
    const path = withQuery('/v1/chats', { limit: 100, cursor: this.#sync.next });
    const page = await this.#api.call<T.Page<T.Chat>>('GET', path);
    for (const chat of page.items) this.#store.takeChat(chat);
    this.#sync.next = page.next;
    return page.next !== null;
  }

  openTimeline(chat: string, at?: number): Timeline {
    const log = () => this.#store.log(chat);
    const window = new TimelineWindow({
      message: (seq) => log().get(seq),
      gaps: (from, to) => log().ranges.gaps(from, to),
      head: () => this.#headOf(chat),
      waiting: () => this.#outbox?.of(chat) ?? [],
      arrived: (author, clientId) => log().arrived(author, clientId),
      fetch: (query) => this.#fetchMessages(chat, query),
      recall: (seq, most) => this.#recall(chat, seq, most),
      loadChat: () => this.#loadChat(chat),
    });
    const open = this.#timelines.get(chat) ?? new Set();
    this.#timelines.set(chat, open.add(window));
    const stop = this.#store.logVersion.of(chat).subscribe(() => window.refresh());
    const stopChat = this.#store.chat.of(chat).subscribe(() => window.refresh());
    void window.open(at);
    return Object.assign(window, {
      close: () => {
        stop();
        stopChat();
        open.delete(window);
      },
    });
  }

  #headOf(chat: string): { head: number; read: number } | null {
    const row = this.#store.chat.of(chat).get();
    return row ? { head: row.head_seq, read: row.read_seq } : null;
  }

  async #fetchMessages(chat: string, query: Record<string, number | undefined>): Promise<T.Message[]> {
    const path = withQuery(`/v1/chats/${chat}/messages`, query);
    const { items } = await this.#api.call<T.Page<T.Message>>('GET', path);
    this.#store.takeMessages(chat, items);
    return items;
  }

  async #recall(chat: string, seq: number, most: number): Promise<void> {
    if (!this.#cache || this.#store.log(chat).ranges.gaps(Math.max(0, seq - most + 1), seq).length === 0) return;
    for (const message of await this.#cache.messages(chat, seq, most)) this.#store.log(chat).put(message);
  }

  #refresh(chat: string): void {
    for (const window of this.#timelines.get(chat) ?? []) window.refresh();
  }

  #refreshAll(): void {
    for (const chat of this.#timelines.keys()) this.#refresh(chat);
  }

  async message(chat: string, seq: number): Promise<T.Message | null> {
    const held = this.#store.log(chat).get(seq);
    if (held) return held;
    try {
      const message = await this.#api.call<T.Message>('GET', `/v1/chats/${chat}/messages/${seq}`);
      this.#store.log(chat).put(message);
      return message;
    } catch {
      return null;
    }
  }

  async history(chat: string, seq: number): Promise<T.Edition[]> {
    return (await this.#api.call<T.Page<T.Edition>>('GET', `/v1/chats/${chat}/messages/${seq}/history`)).items;
  }

  send(chat: string, text: string, replyTo: number | null = null): void {
    this.#hints.forgetMine(chat);
    void this.#outbox?.add(chat, text, replyTo);
  }

  retry(_chat: string, clientId: string): void {
    void this.#outbox?.retry(clientId);
  }

  discard(_chat: string, clientId: string): void {
    void this.#outbox?.discard(clientId);
  }

  async edit(chat: string, seq: number, text: string): Promise<void> {
    const message = await this.#api.call<T.Message>('PATCH', `/v1/chats/${chat}/messages/${seq}`, { body: { text } });
    this.#store.takeMessages(chat, [message]);
  }

  async delete(chat: string, seq: number): Promise<void> {
    this.#store.takeMessages(chat, [await this.#api.call<T.Message>('DELETE', `/v1/chats/${chat}/messages/${seq}`)]);
  }

  markRead(chat: string, seq: number): void {
    const row = this.#store.chat.of(chat).get();
    if (!row || row.role === null || seq <= row.read_seq) return;
    this.#store.readMarker(chat, seq);
    const told = this.#api.call('PUT', `/v1/chats/${chat}/read-marker`, { body: { seq } });
    told.catch(() => {
      // The next message seen moves the marker past this one.
    });
  }

  setDraft(chat: string, draft: T.Draft | null): void {
    this.#drafts.set(chat, draft);
  }

  async createChat(kind: T.ChatKind, name: string | null, members: string[]): Promise<T.Chat> {
    const body = name === null ? { kind, members } : { kind, name, members };
    const headers = { 'idempotency-key': uuid(this.#world.now()) };
    const chat = await this.#api.call<T.Chat>('POST', '/v1/chats', { body, headers });
    this.#store.takeChat(chat);
    return chat;
  }

  async rename(chat: string, name: string): Promise<void> {
    this.#store.takeChat(await this.#api.call<T.Chat>('PATCH', `/v1/chats/${chat}`, { body: { name } }));
  }

  async leave(chat: string): Promise<void> {
    await this.removeMember(chat, this.#self());
    this.#store.forgetChat(chat);
  }

  async join(chat: string): Promise<void> {
    await this.addMember(chat, this.#self());
    await this.#loadChat(chat);
  }

  openChats(prefix: string, cursor: string | null = null): Promise<T.Page<T.Chat>> {
    return this.#api.call('GET', withQuery('/v1/open-chats', { prefix, cursor }));
  }

  members(chat: string): Signal<readonly T.Member[]> {
    if (!this.#loadingMembers.has(chat)) void this.#loadMembers(chat);
    return this.#store.members.of(chat);
  }

  async #loadMembers(chat: string): Promise<void> {
    this.#loadingMembers.add(chat);
    try {
      const all: T.Member[] = [];
      let cursor: string | null = null;
      do {
        const path = withQuery(`/v1/chats/${chat}/members`, { limit: 100, cursor });
        const page: T.Page<T.Member> = await this.#api.call('GET', path);
        all.push(...page.items);
        cursor = page.next;
      } while (cursor && all.length < 2_000);
      this.#store.setMembers(chat, all);
    } catch {
      this.#loadingMembers.delete(chat);
    }
  }

  async addMember(chat: string, user: string): Promise<void> {
    await this.#api.call('POST', `/v1/chats/${chat}/members`, { body: { user } });
  }

  async removeMember(chat: string, user: string): Promise<void> {
    await this.#api.call('DELETE', `/v1/chats/${chat}/members/${user}`);
  }

  async setRole(chat: string, user: string, role: T.MemberRole): Promise<void> {
    await this.#api.call('PATCH', `/v1/chats/${chat}/members/${user}`, { body: { role } });
  }

  person(id: string): Signal<T.Person | null> {
    if (!this.#store.hasPerson(id) && !this.#loadingPeople.has(id)) void this.#loadPerson(id);
    return this.#store.person.of(id);
  }

  async #loadPerson(id: string): Promise<void> {
    this.#loadingPeople.add(id);
    try {
      this.#store.addPeople([await this.#api.call<T.Person>('GET', `/v1/people/${id}`)]);
    } catch {
      this.#loadingPeople.delete(id);
    }
  }

  async searchPeople(prefix: string, cursor: string | null = null): Promise<T.Page<T.Person>> {
    const page = await this.#api.call<T.Page<T.Person>>('GET', withQuery('/v1/people', { prefix, cursor, limit: 20 }));
    this.#store.addPeople(page.items);
    return page;
  }

  async updateProfile(name: string): Promise<void> {
    this.#store.setMe(await this.#api.call<T.Person>('PATCH', '/v1/me', { body: { name } }));
  }

  typing(chat: string): Signal<readonly string[]> {
    return this.#hints.typing.of(chat);
  }

  iAmTyping(chat: string): void {
    if (this.status.get() === 'online' && this.#hints.mayTell(chat)) this.#connection.say({ type: 'typing', chat });
  }

  presence(user: string): Signal<T.Presence | null> {
    return this.#hints.presence.of(user);
  }

  watch(users: string[]): void {
    this.#connection.keepSaying(Object.assign({ type: 'watch' }, { users: users.slice(0, 200) }));
  }

  focus(chats: string[]): void {
    this.#connection.keepSaying(Object.assign({ type: 'focus' }, { chats: chats.slice(0, 16) }));
  }

  activity(active: boolean): void {
    if (active) this.#connection.hurry();
    else this.#drafts.flush();
    this.#connection.keepSaying(Object.assign({ type: 'activity' }, { active }));
  }

  async sessions(): Promise<T.SessionInfo[]> {
    return (await this.#api.call<T.Page<T.SessionInfo>>('GET', '/v1/sessions')).items;
  }

  async revokeSession(id: string): Promise<void> {
    await this.#api.call('DELETE', `/v1/sessions/${id}`);
  }

  invite(role: T.ServerRole = 'member'): Promise<T.InvitationLink> {
    return this.#api.call('POST', '/v1/invitations', { body: { role } });
  }

  async signOut(): Promise<void> {
    const user = this.#self();
    await this.#world.fetch('/auth/sign-out', { method: 'POST', credentials: 'same-origin', redirect: 'manual' });
    this.#signedOut();
    this.#cache?.close();
    await Promise.all([Cache.wipe(user), LastUser.set(null)]);
  }

  #self(): string {
    return this.#store.me.get()?.id ?? '';
  }
}
