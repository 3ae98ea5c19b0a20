import type { Answer, ApiRequest } from '../api';
import type { ChatSettings, Choosing, Person, Place, SavedItem, ScheduledMessage, ServerEvent, Setting, Settings } from '../types';
import { FakeChat } from './fake_chat';
import { FakeSocket } from './fake_socket';

/** What happens to one request on its way: it works, never arrives, or is done while the answer gets lost. */
export type Fate = 'works' | 'lost' | 'unanswered';

/** A server in memory that behaves as the protocol says, and fails as told. */
export class FakeServer {
  readonly people = new Map<string, Person>();
  readonly chats = new Map<string, FakeChat>();
  /** When people may write again where there is slow mode. */
  readonly turns = new Map<string, number>();
  /** What people hold. Its time is over when a test says so. */
  held: (ScheduledMessage & { author: string })[] = [];
  readonly settings = new Map<string, Settings>();
  /** What people saved, the newest first. */
  readonly saved = new Map<string, { chat: string; seq: number; at: string }[]>();
  #savings = 0;
  readonly sockets = new Set<FakeSocket>();
  /** Requests that arrived, as `METHOD /path`. */
  readonly requests: string[] = [];
  /** Whether anything gets through at all. */
  isUp = true;
  /** Decides about each request that changes something. */
  fate: () => Fate = () => 'works';
  /** How long each answer takes on its way back: events may overtake it. */
  lag: () => number = () => 0;
  /** Decides whether an event reaches a socket. */
  loses: (event: ServerEvent) => boolean = () => false;
  /** Decides which paths answer with a passing error. */
  refuses: (path: string) => boolean = () => false;
  /** Whose browser asks over HTTP. */
  signedIn: string | null = null;
  /** Connections of an earlier one cannot be resumed. */
  generation = 0;
  /** Name of the history it holds: another one after a restore. */
  history = 'first';
  readonly #tickets = new Map<string, string>();
  now: () => number;

  constructor(now: () => number = () => 1_700_000_000_000) {
    this.now = now;
  }

  person(id: string): Person {
    const person: Person = { id, username: id, name: id.toUpperCase(), role: 'member' };
    this.people.set(id, person);
    return person;
  }

  chat(id: string, ...members: string[]): FakeChat {
    const chat = new FakeChat(id, id, this.now, (event, to) => this.publish(event, to));
    this.chats.set(id, chat);
    for (const member of members) chat.join(this.people.get(member) ?? this.person(member));
    return chat;
  }

  publish(event: ServerEvent, to: string[]): void {
    for (const socket of this.sockets) if (to.includes(socket.user ?? '')) socket.offer(event, this.loses(event));
  }

  open = (): WebSocket => new FakeSocket(this) as unknown as WebSocket;

  fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const path = String(input);
    if (path === '/auth/sign-out') return this.#signOut();
    if (path === '/healthz') return this.#health();
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    const request = { method: (init.method ?? 'GET') as ApiRequest['method'], path, body };
    const answer = await this.ask(this.signedIn, request);
    const text = answer.body === undefined ? null : JSON.stringify(answer.body);
    return new Response(text, { status: answer.status });
  };

  #health(): Response {
    if (!this.isUp) throw new TypeError('network');
    return new Response('{}');
  }

  /** Takes one request, whichever way it came. Fails like a network. */
  async ask(user: string | null, request: ApiRequest): Promise<Answer> {
    const fate = request.method === 'GET' ? 'works' : this.fate();
    if (!this.isUp || fate === 'lost') throw new TypeError('network');
    this.requests.push(`${request.method} ${request.path}`);
    if (this.refuses(request.path)) return refuse(503, 'unavailable');
    const answer = user ? this.#route(user, request) : refuse(401, 'unauthenticated');
    const lag = this.lag();
    if (lag > 0) await new Promise((resolve) => setTimeout(resolve, lag));
    if (fate === 'unanswered') throw new TypeError('network');
    return answer;
  }

  redeem(ticket: string): string | null {
    const user = this.#tickets.get(ticket) ?? null;
    this.#tickets.delete(ticket);
    return user;
  }

  /** All sockets break without a word. */
  breakSockets(): void {
    for (const socket of [...this.sockets]) socket.break(1006);
  }

  /** The browser is gone without a word. */
  closeSockets(): void {
    this.sockets.clear();
  }

  /** No connection can be resumed exactly any more, as after a restart. */
  forgetConnections(): void {
    this.generation += 1;
  }

  /** Copies everything; what is answered brings it back as it was. */
  backUp(): () => void {
    const back = [...this.chats.values()].map((chat) => chat.backUp());
    return () => {
      for (const one of back) one();
      this.history += '+';
      this.restart();
    };
  }

  /** Comes up anew: connections are gone, the logs are not. */
  restart(): void {
    this.forgetConnections();
    this.breakSockets();
  }

  /** Nothing fails any more. */
  calm(): void {
    this.fate = () => 'works';
    this.loses = () => false;
    this.lag = () => 0;
  }

  #signOut(): Response {
    if (!this.isUp) throw new TypeError('network');
    this.signedIn = null;
    return new Response(null, { status: 204 });
  }

  #route(user: string, { method, path, body }: ApiRequest): Answer {
    const { pathname, searchParams } = new URL(path, 'http://x');
    const [, , top = '', id = '', part = '', sub = '', what = ''] = pathname.split('/');
    const number = (name: string): number | null => (searchParams.has(name) ? Number(searchParams.get(name)) : null);
    if (top === 'me' && id === 'saved') return ok({ items: this.#savedBy(user), next: null });
    if (top === 'me' && id === 'settings') return ok(this.#settings(user, (body ?? {}) as Setting));
    if (top === 'scheduled') return id ? this.#takeBack(id) : ok({ items: this.held.filter(({ author }) => author === user), next: null });
    if (top === 'me') return ok(this.people.get(user));
    if (top === 'socket-ticket') return ok({ ticket: this.#ticket(user) });
    if (top === 'people') return this.people.has(id) ? ok(this.people.get(id)) : refuse(404, 'not_found');
    if (top === 'chats' && !id) return ok({ items: this.#chatsOf(user, searchParams.has('archived')), next: null });
    const chat = this.chats.get(id);
    if (!chat?.members.has(user)) return refuse(404, 'not_found');
    const fields = (body ?? {}) as { text: string; client_id: string; seq: number; reply_to?: number | null; hold_s?: number; forward?: Place } & Choosing;
    if (!part) {
      if (method === 'PATCH') chat.set(body as Partial<ChatSettings>);
      return ok(chat.as(user));
    }
    if (part === 'members') return ok({ items: [...chat.members.values()], next: null });
    if (part === 'changes') return ok(chat.changes(number('after') ?? -1, number('limit') ?? 50));
    if (part === 'pins') return ok({ items: chat.pins.map(([seq, by]) => ({ message: chat.messages[seq], by, at: '2026-11-28T10:00:00Z' })), next: null });
    if (what === 'saved') return this.save(user, chat.id, Number(sub), method === 'PUT');
    if (what === 'pin') return ok(chat.pin(Number(sub), user, method === 'PUT'));
    if (part === 'read-marker') return ok(chat.mark(user, fields.seq));
    if (part === 'me') return fields.section === 'forbidden' ? refuse(422, 'invalid_section') : ok(chat.choose(user, fields));
    if (method === 'POST') return this.#post(chat, user, fields);
    if (method === 'PATCH') return ok(chat.edit(Number(sub), fields.text));
    if (method === 'DELETE') return ok(chat.delete(Number(sub)));
    if (sub) return chat.messages[Number(sub)] ? ok(chat.messages[Number(sub)]) : refuse(404, 'not_found');
    return ok({ items: page(chat, number('before'), number('after'), number('around'), number('limit') ?? 50), next: null });
  }

  /** The time of what is held is over: it is sent, or fails for a reason. */
  sendHeld(reason?: string): void {
    const due = this.held.filter(({ state }) => state === 'waiting');
    this.held = reason ? this.held.map((one) => ({ ...one, state: 'failed' as const, reason })) : this.held.filter(({ state }) => state !== 'waiting');
    if (!reason) for (const { chat, author, text, client_id, reply_to } of due) this.chats.get(chat)?.send(author, text, client_id, { reply_to });
    for (const { author } of due) this.publish({ type: 'scheduled_changed' }, [author]);
  }

  /** Somebody saves a message, or takes it out. */
  save(user: string, chat: string, seq: number, saved: boolean): Answer {
    const message = this.chats.get(chat)?.messages[seq];
    if (!message || message.deleted) return refuse(404, 'not_found');
    const before = this.saved.get(user) ?? [];
    const held = before.find((one) => one.chat === chat && one.seq === seq);
    const at = new Date(this.now() + (this.#savings += 1)).toISOString();
    if (Boolean(held) !== saved) {
      this.saved.set(user, saved ? [{ chat, seq, at }, ...before] : before.filter((one) => one !== held));
      this.publish({ type: 'saved_changed', chat, seq, saved, at }, [user]);
    }
    return saved ? ok({ message, at: held?.at ?? at }) : ({ status: 204 } as Answer);
  }

  #savedBy(user: string): SavedItem[] {
    return (this.saved.get(user) ?? []).flatMap(({ chat, seq, at }) => {
      const message = this.chats.get(chat)?.messages[seq];
      return message && !message.deleted && this.chats.get(chat)?.members.has(user) ? [{ message, at }] : [];
    });
  }

  #settings(user: string, change: Setting): Settings {
    const before = this.settings.get(user) ?? { undo_s: 0, receipts: true, version: 0 };
    if (Object.keys(change).length === 0) return before;
    const settings = { ...before, ...change, version: before.version + 1 };
    this.settings.set(user, settings);
    this.publish({ type: 'settings_changed', settings }, [user]);
    return settings;
  }

  #takeBack(id: string): Answer {
    const held = this.held.find((one) => one.id === id);
    this.held = this.held.filter((one) => one !== held);
    if (held) return { status: 204 } as Answer;
    return [...this.chats.values()].some((chat) => chat.messages.some((one) => `held-${one.client_id}` === id)) ? refuse(409, 'already_sent') : refuse(404, 'not_found');
  }

  #hold(chat: FakeChat, author: string, seconds: number, body: { text: string; client_id: string; reply_to?: number | null }): Answer {
    const { text, client_id, reply_to = null } = body;
    const first = this.held.find((one) => one.client_id === client_id && one.author === author);
    const send_at = new Date(this.now() + seconds * 1000).toISOString();
    const held = first ?? { id: `held-${client_id}`, chat: chat.id, text, client_id, send_at, reply_to, state: 'waiting' as const, held: true, author };
    if (!first) this.held.push(held);
    return { status: 202, body: structuredClone(held) };
  }

  #post(chat: FakeChat, user: string, body: { text?: string; client_id: string; reply_to?: number | null; hold_s?: number; forward?: Place }): Answer {
    const { text = '', client_id, reply_to, hold_s, forward } = body;
    if (text === 'forbidden') return refuse(422, 'text_empty');
    if (hold_s && !chat.messages.some((one) => one.author === user && one.client_id === client_id)) return this.#hold(chat, user, hold_s, { ...body, text });
    if (chat.settings.archived) return refuse(403, 'archived');
    const wait = (this.turns.get(user) ?? 0) - this.now();
    if (chat.settings.slow_s && wait > 0) return refuse(429, 'slow_mode', Math.ceil(wait / 1000));
    if (chat.settings.slow_s) this.turns.set(user, this.now() + chat.settings.slow_s * 1000);
    const source = forward && this.chats.get(forward.chat)?.messages[forward.seq];
    if (forward && (!source || source.deleted)) return refuse(422, 'unknown_source');
    const copy = source && { forwarded: source.forwarded ?? { author: source.author, at: source.created_at, text: source.text } };
    const message = chat.send(user, text, client_id, { reply_to: reply_to ?? null, ...copy });
    return { status: 201, body: message };
  }

  #ticket(user: string): string {
    const ticket = `ticket-${this.requests.length}`;
    this.#tickets.set(ticket, user);
    return ticket;
  }

  #chatsOf(user: string, archived: boolean): unknown[] {
    return [...this.chats.values()].filter((chat) => chat.members.has(user) && Boolean(chat.settings.archived) === archived).map((chat) => chat.as(user));
  }
}

function page(chat: FakeChat, before: number | null, after: number | null, around: number | null, limit: number): unknown[] {
  if (after !== null) return chat.messages.slice(after + 1, after + 1 + limit);
  const end = around === null ? (before ?? chat.messages.length) : Math.min(chat.messages.length, around + Math.ceil(limit / 2));
  return chat.messages.slice(Math.max(0, end - limit), Math.max(0, end));
}

const ok = (body: unknown): Answer => ({ status: 200, body: structuredClone(body) });
const refuse = (status: number, code: string, retry_after_s?: number): Answer => ({ status, body: { status, code, title: code, detail: `Refused: ${code}.`, retry_after_s } });
