import { Api, ApiError, withQuery } from './api';
import { backoff } from './backoff';
import { choosing } from './choices';
import type { Outgoing } from './db';
import { Device } from './device';
import { Directory } from './directory';
import { Drafts } from './drafts';
import { Hints } from './hints';
import { uuid } from './id';
import type { Client, SavedMessages, ScheduledMessages, Status, Timeline } from './surface';
import { Markers } from './markers';
import { Retrying } from './retrying';
import type { Saved } from './saved';
import type { Scheduled } from './scheduled';
import { Source, type Signal } from './signal';
import { Connection } from './socket';
import { Store } from './store';
import { Sync } from './sync';
import { Timelines } from './timelines';
import type * as T from './types';
import type { World } from './world';

/** About every five minutes. */
const pongsPerGlance = 10;

export function createClient(world: World): Client {
  return new PetitClient(world);
}

/** Wires the parts of the core together; each of them knows only what it needs. */
class PetitClient implements Client {
  readonly status = new Source<Status>('starting');
  readonly looked = new Source<T.Looked | null>(null);
  readonly receiptsTold = new Source<T.ReceiptsTold | null>(null);
  parting: T.Parting | null = null;
  readonly #world: World;
  readonly #api: Api;
  readonly #sync: Sync;
  readonly #store: Store;
  readonly #hints: Hints;
  readonly #drafts: Drafts;
  readonly #device: Device;
  readonly #directory: Directory;
  readonly #markers: Markers;
  readonly #timelines: Timelines;
  readonly #connection: Connection;
  readonly #loading: Retrying;
  #scheduled: Promise<Scheduled> | null = null;
  #saved: Promise<Saved> | null = null;
  #attempts = 0;
  /** The next attempt to find out who is signed in. */
  #meeting: ReturnType<typeof setTimeout> | undefined;
  #pongs = 0;
  /** Signing out: the connection's end is no news then. */
  #isLeaving = false;

  constructor(world: World) {
    this.#world = world;
    this.#api = new Api(world.fetch, (request) => this.#connection.request(request), () => this.#signedOut());
    this.#sync = new Sync(this.#api, () => this.#store, world.random, (chat) => this.#markers.catchUp(chat), (chat) => this.#directory.reload(chat));
    this.#store = new Store(this.#sync, { now: world.now, choosing: (chat) => this.#device?.outbox?.choosing(chat) ?? [] });
    this.#hints = new Hints(world.now);
    this.#directory = new Directory(this.#api, this.#store, world.random);
    this.#drafts = new Drafts(world.now);
    this.#markers = new Markers(this.#store, () => this.#device.outbox);
    this.#loading = new Retrying(world.random);
    this.#timelines = new Timelines({
      api: this.#api,
      store: this.#store,
      cache: () => this.#device.cache,
      outbox: () => this.#device.outbox,
      loadChat: (chat) => this.#sync.look(chat),
    });
    this.#device = new Device({
      world,
      api: this.#api,
      store: this.#store,
      drafts: this.#drafts,
      changed: () => this.#timelines.refresh(),
      read: (chat, seq) => this.#markers.told(chat, seq),
      unchosen: (chat) => this.#loading.ask(chat, () => this.#sync.look(chat)),
      sent: (chat) => this.#loading.ask(chat, () => this.#sync.look(chat)),
      saved: (task) => this.#withSaved((it) => it.done(task)),
      ended: () => this.#signedOut(),
    });
    world.leaving(() => this.#device.keepNow());
    this.#connection = this.#connect();
    world.network((isThere) => (isThere ? this.#hurry() : this.#connection.drop()));
  }

  get me(): Signal<T.Person | null> {
    return this.#store.me;
  }

  get chats(): Signal<readonly T.Chat[]> {
    return this.#store.list.chats;
  }

  get order(): Signal<readonly string[]> {
    return this.#store.list.order;
  }

  get unread(): Signal<number> {
    return this.#store.list.unread;
  }

  get drafts(): Signal<ReadonlyMap<string, T.Composed>> {
    return this.#drafts.all;
  }

  get unsaved(): Signal<ReadonlySet<string>> {
    return this.#drafts.unsaved;
  }

  get waiting(): Signal<readonly T.Task[]> {
    return this.#device.waiting;
  }

  get doing(): Signal<readonly T.Task[]> {
    return this.#device.doing;
  }

  get changed(): Signal<T.Message | null> {
    return this.#store.changed;
  }

  get keeping(): Signal<T.Keeping> {
    return this.#device.keeping;
  }

  async start(): Promise<void> {
    await this.#device.open();
    await this.#meet();
  }

  /** Finds out who is signed in, and shows their chats before the connection is there. */
  async #meet(): Promise<void> {
    const chats = this.#sync.fetchPage(null);
    // Awaited below, unless nobody is signed in.
    chats.catch(() => undefined);
    try {
      await this.#isMe(await this.#api.call<T.Person>('GET', '/v1/me'));
      this.#sync.takePage(await chats);
    } catch (error) {
      if (this.status.get() === 'signed-out') return;
      this.status.set('offline');
      if (!this.#device.user) return this.#meetLater(error);
    }
    this.#connection.start();
  }

  #meetLater(error: unknown): void {
    const asked = error instanceof ApiError ? error.retryAfter : 0;
    const wait = Math.max(asked, 500 + backoff(this.#attempts, this.#world.random));
    this.#attempts += 1;
    this.#meeting = setTimeout(() => this.#meetNow(), wait);
  }

  #meetNow(): void {
    clearTimeout(this.#meeting);
    this.#meeting = undefined;
    void this.#meet();
  }

  tryNow(): void {
    if (this.#meeting) this.#meetNow();
    this.#hurry();
  }

  async #isMe(me: T.Person): Promise<void> {
    await this.#device.belongsTo(me.id);
    this.#store.setMe(me);
    await this.#device.cache?.keep('me', me);
  }

  #connect(): Connection {
    return new Connection(
      {
        ticket: async () => (await this.#api.call<{ ticket: string }>('POST', '/v1/socket-ticket')).ticket,
        reach: () => this.#reach(),
        open: this.#world.openSocket,
        random: this.#world.random,
        cursors: () => this.#store.held().map((chat) => [chat, this.#store.applied(chat)]),
        generation: () => this.#device.generation,
      },
      {
        event: (event) => this.#event(event),
        live: (exact, user, generation) => void this.#live(exact, user, generation),
        stale: () => this.#sync.compare(),
        heads: (heads) => this.#heard(heads),
        lost: () => this.#lost(),
        signedOut: () => this.#signedOut(),
      },
    );
  }

  async #reach(): Promise<void> {
    const { ok, status } = await this.#world.fetch('/healthz');
    if (!ok) throw new ApiError(status, 'unavailable', '');
  }

  async #live(exact: boolean, user: string | null, generation: string | null): Promise<void> {
    if (user && user !== this.#device.user) {
      // Somebody else signed in by another tab while this one was away.
      this.#connection.drop();
      return this.#meet();
    }
    if (generation && generation !== this.#device.generation) await this.#begin(generation);
    this.status.set('online');
    this.#device.outbox?.hurry();
    if (!exact) {
      this.#sync.compare();
      void this.#scheduled?.then((it) => it.isStale());
      this.#withSaved((it) => it.load());
      this.#loading.ask('settings', () => this.set());
    }
    this.#directory.hurry();
    this.#loading.hurry();
    this.#timelines.heal();
  }

  /** The server has another history than the one that is shown, as after a restore: everything is fetched anew. */
  async #begin(generation: string): Promise<void> {
    const isOther = this.#device.generation !== null;
    await this.#device.begin(generation);
    if (!isOther) return;
    this.#sync.forget();
    this.#markers.forget();
    this.#withSaved((it) => it.forget());
    this.looked.set(null);
    this.#directory.reload();
    this.#timelines.startOver();
  }

  #lost(): void {
    if (this.status.get() === 'online') this.status.set('offline');
    this.#hints.unknown();
  }

  #hurry(): void {
    this.#connection.hurry();
    this.#device.outbox?.hurry();
  }

  #signedOut(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    void this.#end();
  }

  /** Nobody here ended the session. What can be read here goes before anybody hears of it. */
  async #end(): Promise<void> {
    this.#halt();
    this.parting = await this.#device.seal();
    this.status.set('signed-out');
  }

  #halt(): void {
    void this.#scheduled?.then((it) => it.forget());
    this.#withSaved((it) => it.forget());
    this.#connection.stop();
    for (const part of [this.#sync, this.#directory, this.#markers, this.#loading]) part.stop();
  }

  #event(event: T.ServerEvent): void {
    this.#hints.take(event, this.#store.me.get()?.id ?? null);
    this.#store.apply(event);
    if (event.type === 'message_created') this.#timelines.forgetUnseen();
    if (event.type === 'scheduled_changed') {
      void this.#scheduled?.then((it) => it.isStale());
      this.#device.outbox?.lookAtHeld();
    }
    if (event.type === 'saved_changed') this.#withSaved((it) => it.take(event));
    if (event.type === 'settings_changed') this.#keepSettings();
    if (event.type === 'receipts') this.receiptsTold.set(event);
    if (event.type === 'message_created' && event.message.client_id) this.#device.outbox?.arrived(event.message.client_id);
    if (event.type === 'chat_added') {
      this.#directory.forget(event.chat);
      this.#withSaved((it) => it.load());
    }
  }

  /** The server lives. Now and then the list is looked at, too. */
  #heard(heads: Record<string, T.Head>): void {
    this.#pongs += 1;
    if (this.#pongs % pongsPerGlance === 0) this.#loading.ask('list', () => this.#sync.glance());
    for (const [chat, head] of Object.entries(heads)) {
      const applied = this.#store.applied(chat);
      if (head.seq > applied.seq || head.cseq > applied.cseq) this.#loading.ask(chat, () => this.#sync.look(chat));
    }
  }

  chat(id: string): Signal<T.Chat | null | undefined> {
    const signal = this.#store.chat.of(id);
    if (signal.get() === undefined) this.#loading.ask(id, () => this.#sync.look(id));
    return signal;
  }

  moreChats(): Promise<boolean> {
    return this.#sync.moreChats();
  }

  openTimeline(chat: string, at?: number): Timeline {
    return this.#timelines.open(chat, at);
  }

  async message(chat: string, seq: number): Promise<T.Message | null> {
    const held = this.#store.log(chat).get(seq);
    if (held) return this.#shown(held);
    try {
      const message = await this.answered(chat, seq);
      this.#store.takeMessages(chat, [message]);
      return message;
    } catch {
      return null;
    }
  }

  messagesAfter(chat: string, seq: number): Promise<T.Message[]> {
    return this.#timelines.after(chat, seq);
  }

  async mentions(cursor: string | null = null): Promise<T.Page<T.Message>> {
    const { items, next } = await this.#api.call<T.Page<{ message: T.Message }>>('GET', withQuery('/v1/me/mentions', { cursor }));
    for (const { message } of items) this.#store.takeMessages(message.chat, [message]);
    return { items: items.map(({ message }) => this.#shown(message)), next };
  }

  async history(chat: string, seq: number): Promise<T.Edition[]> {
    return (await this.#api.call<T.Page<T.Edition>>('GET', `/v1/chats/${chat}/messages/${seq}/history`)).items;
  }

  send(chat: string, text: string, replyTo: number | null = null): void {
    this.#hints.forgetMine(chat);
    const { undo_s: seconds } = this.#store.settings.get();
    const hold = seconds > 0 && { hold: { seconds, id: null, until: null } };
    void this.#device.outbox?.add(chat, { kind: 'message', text, replyTo, ...hold });
  }

  forward(to: string, forward: T.Forwarding, text: string): void {
    void this.#device.outbox?.add(to, { kind: 'message', text, replyTo: null, forward });
  }

  answered(chat: string, seq: number): Promise<T.Message> {
    return this.#api.call('GET', `/v1/chats/${chat}/messages/${seq}`);
  }

  unsend(chat: string, clientId?: string): boolean {
    const task = this.#device.outbox?.unsendable(chat, clientId);
    if (task) void this.#giveBack(task).catch(() => undefined);
    return Boolean(task);
  }

  /** Its words are kept before anything is done about it. */
  async #giveBack(task: Outgoing): Promise<void> {
    const { withWords } = await this.#world.held();
    this.setDraft(task.chat, withWords(this.#drafts.of(task.chat), task));
    this.#device.outbox?.unsend(task);
    // Whoever writes in this chat sees it at once.
    await this.#drafts.flush();
  }

  scheduled(): Promise<ScheduledMessages> {
    this.#scheduled ??= this.#world.held().then(({ Scheduled }) => new Scheduled(this.#api));
    this.#scheduled.catch(() => (this.#scheduled = null));
    return this.#scheduled;
  }

  save(chat: string, seq: number, isOn: boolean): void {
    void this.#device.outbox?.add(chat, { kind: isOn ? 'save' : 'unsave', seq });
  }

  /** Nobody waits for it where nobody asked for it. */
  #withSaved(work: (saved: Saved) => unknown): void {
    void this.#saved?.then(work);
  }

  saved(): Promise<SavedMessages> {
    this.#saved ??= this.#world.held().then(({ Saved }) => new Saved(this, this.#api, () => this.#device.cache));
    this.#saved.catch(() => (this.#saved = null));
    return this.#saved;
  }

  get settings(): Signal<T.Settings> {
    return this.#store.settings;
  }

  async set(setting?: T.Setting): Promise<void> {
    this.#store.takeSettings(await this.#api.call<T.Settings>(setting ? 'PATCH' : 'GET', '/v1/me/settings', setting && { body: setting }));
    this.#keepSettings();
  }

  #keepSettings(): void {
    void this.#device.cache?.keep('settings', this.#store.settings.get());
  }

  retry(_chat: string, clientId: string): void {
    void this.#device.outbox?.retry(clientId);
  }

  discard(_chat: string, clientId: string): void {
    void this.#device.outbox?.discard(clientId);
  }

  async edit(chat: string, seq: number, text: string): Promise<void> {
    await this.#device.outbox?.add(chat, { kind: 'edit', seq, text });
  }

  async delete(chat: string, seq: number): Promise<void> {
    await this.#device.outbox?.add(chat, { kind: 'delete', seq });
  }

  get refused(): Signal<ApiError | null> {
    return this.#device.refused;
  }

  react(chat: string, seq: number, emoji: string, isOn: boolean): void {
    void this.#device.outbox?.add(chat, { kind: isOn ? 'react' : 'unreact', seq, text: emoji });
  }

  choose(chat: string, change: T.Choosing): void {
    const row = this.#store.chat.of(chat).get();
    if (row?.role) void this.#device.outbox?.add(chat, { kind: 'choose', text: choosing(row, change) });
  }

  reactors(chat: string, seq: number, emoji: string | null, cursor: string | null = null): Promise<T.Page<T.ReactionItem>> {
    return this.#api.call('GET', withQuery(`/v1/chats/${chat}/messages/${seq}/reactions`, { emoji, cursor }));
  }

  pin(chat: string, seq: number, isOn: boolean): void {
    void this.#device.outbox?.add(chat, { kind: isOn ? 'pin' : 'unpin', seq });
  }

  async pins(chat: string): Promise<T.PinItem[]> {
    try {
      // As many as a chat can have.
      const { items } = await this.#api.call<T.Page<T.PinItem>>('GET', withQuery(`/v1/chats/${chat}/pins`, { limit: 100 }));
      this.#store.journal.pins(chat, items);
      return items;
    } catch (error) {
      const kept = error instanceof ApiError && error.isPassing ? await this.#device.cache?.pins(chat) : null;
      if (!kept) throw error;
      return kept;
    }
  }

  markRead(chat: string, seq: number): void {
    this.#markers.mark(chat, seq);
  }

  saw(chat: string, seq: number): void {
    this.looked.set({ chat, seq });
  }

  ack(chats: Record<string, T.Acked>): boolean {
    return this.#connection.say({ type: 'ack', chats });
  }

  async receipts(chat: string): Promise<T.Receipt[]> {
    return (await this.#api.call<{ receipts: T.Receipt[] }>('GET', `/v1/chats/${chat}/receipts`)).receipts;
  }

  viewers(chat: string, seq: number, state: T.ReceiptState, cursor: string | null = null): Promise<T.Viewers> {
    return this.#api.call('GET', withQuery(`/v1/chats/${chat}/messages/${seq}/viewers`, { state, cursor, limit: 100 }));
  }

  draft(place: string): { changed: number; record: T.Draft | null } {
    return this.#drafts.of(place);
  }

  setDraft(place: string, draft: T.Draft | null): number {
    const [chat = place] = place.split('/');
    return this.#drafts.set(place, draft, this.#device.titleOf(chat));
  }

  async createChat(kind: T.ChatKind, name: string | null, members: string[]): Promise<T.Chat> {
    const body = name === null ? { kind, members } : { kind, name, members };
    const headers = { 'idempotency-key': uuid(this.#world.now()) };
    const chat = await this.#api.call<T.Chat>('POST', '/v1/chats', { body, headers });
    this.#store.takeChat(chat);
    return chat;
  }

  rename(chat: string, name: string): Promise<void> {
    return this.setChat(chat, { name });
  }

  async setChat(chat: string, change: T.ChatChange): Promise<void> {
    this.#store.takeChat(await this.#api.call<T.Chat>('PATCH', `/v1/chats/${chat}`, { body: change }));
  }

  get archived(): Signal<readonly T.Chat[]> {
    return this.#store.archived.chats;
  }

  moreArchived(cursor: string | null = null): Promise<string | null> {
    return this.#sync.moreArchived(cursor);
  }

  async leave(chat: string): Promise<void> {
    await this.removeMember(chat, this.#self());
    this.#store.forgetChat(chat);
  }

  async join(chat: string): Promise<void> {
    await this.addMember(chat, this.#self());
    await this.#sync.look(chat);
  }

  async openChats(prefix: string, cursor: string | null = null): Promise<T.Page<T.Chat>> {
    const page = await this.#api.call<T.Page<T.Chat>>('GET', withQuery('/v1/open-chats', { prefix, cursor }));
    this.#store.takeChats(page.items);
    return page;
  }

  members(chat: string): Signal<readonly T.Member[]> {
    return this.#directory.members(chat);
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

  named(username: string): Signal<T.Person | null> {
    return this.#store.people.named.of(username);
  }

  person(id: string): Signal<T.Person | null> {
    return this.#directory.person(id);
  }

  searchPeople(prefix: string, cursor: string | null = null): Promise<T.Page<T.Person>> {
    return this.#directory.search(prefix, cursor);
  }

  async updateProfile(name: string): Promise<void> {
    await this.#isMe(await this.#api.call<T.Person>('PATCH', '/v1/me', { body: { name } }));
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
    const frame = { type: 'watch', users: users.slice(0, 200) };
    this.#connection.keepSaying(frame);
  }

  focus(chats: string[]): void {
    const frame = { type: 'focus', chats: chats.slice(0, 16) };
    this.#connection.keepSaying(frame);
  }

  activity(active: boolean): void {
    if (active) this.#hurry();
    else void this.#device.flush();
    const frame = { type: 'activity', active };
    this.#connection.keepSaying(frame);
  }

  async sessions(): Promise<T.SessionInfo[]> {
    return (await this.#api.call<T.Page<T.SessionInfo>>('GET', '/v1/sessions')).items;
  }

  async revokeSession(id: string): Promise<void> {
    await this.#api.call('DELETE', `/v1/sessions/${id}`);
  }

  server(): Promise<T.ServerInfo> {
    return this.#api.call('GET', '/v1/server');
  }

  invite(role: T.ServerRole = 'member'): Promise<T.InvitationLink> {
    return this.#api.call('POST', '/v1/invitations', { body: { role } });
  }

  /** Answers where the page has to go, so that the identity provider hears of it too. */
  async signOut(keepsWords = false): Promise<string> {
    this.#isLeaving = true;
    if (!keepsWords) this.#device.throwAway();
    let next = '/auth/sign-in';
    try {
      const headers = { accept: 'application/json' };
      const answer = await this.#world.fetch('/auth/sign-out', { method: 'POST', credentials: 'same-origin', headers });
      if (answer.status >= 400) throw new ApiError(answer.status, 'sign_out_failed', '');
      const told: unknown = answer.status === 200 ? await answer.json() : null;
      if (isPlace(told)) ({ next } = told);
    } catch (error) {
      this.#isLeaving = false;
      throw error;
    }
    this.#halt();
    // Before anybody hears of it: the page goes away then, and would take the wiping with it.
    await this.#device.leave(keepsWords);
    this.status.set('signed-out');
    return next;
  }

  /** A message as it is shown: with what waits in the outbox. */
  #shown(message: T.Message): T.Message {
    return this.#device.outbox?.overlay(message) ?? message;
  }

  #self(): string {
    return this.#store.me.get()?.id ?? '';
  }
}

function isPlace(told: unknown): told is { next: string } {
  return typeof told === 'object' && told !== null && 'next' in told && typeof told.next === 'string';
}
