import type { Answer, ApiRequest } from '../api';
import type { Head, ServerEvent } from '../types';
import type { FakeChat } from './fake_chat';

type ClientFrame =
  | { type: 'identify'; ticket: string; generation?: string }
  | { type: 'resume'; token: string; received: number }
  | { type: 'ping'; received: number }
  | { type: 'focus'; chats: string[] }
  | { type: 'typing' | 'activity' | 'watch' }
  | ({ type: 'request'; id: number } & ApiRequest);

/** The server as its sockets know it. */
interface Server {
  readonly sockets: Set<FakeSocket>;
  readonly chats: ReadonlyMap<string, FakeChat>;
  readonly isUp: boolean;
  readonly history: string;
  readonly generation: number;
  redeem(ticket: string): string | null;
  ask(user: string | null, request: ApiRequest): Promise<Answer>;
}

/** What the server keeps of a broken connection. */
const broken = new Map<string, { user: string; sent: ServerEvent[]; generation: number; history: string }>();
let connections = 0;

/** One end of a WebSocket and the server's plexer behind it. Everything arrives in a later task. */
export class FakeSocket extends EventTarget {
  user: string | null = null;
  readonly #server: Server;
  readonly #generation: number;
  readonly #history: string;
  #sent: ServerEvent[] = [];
  #token = '';
  #focus: string[] = [];
  #isOpen = true;

  constructor(server: Server) {
    super();
    this.#server = server;
    this.#generation = server.generation;
    this.#history = server.history;
    setTimeout(() => this.#greet(), 1);
  }

  send(text: string): void {
    const frame = JSON.parse(text) as ClientFrame;
    setTimeout(() => void this.#take(frame), 1);
  }

  /** The client closes. */
  close(): void {
    if (!this.#isOpen) return;
    this.#end();
    broken.delete(this.#token);
  }

  /** The connection ends with a code; 1006 is what a browser says of a broken one. */
  break(code: number): void {
    if (!this.#isOpen) return;
    this.#end();
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }

  /** An event for this connection. It is kept for a resume even if it gets lost with the connection. */
  offer(event: ServerEvent, isLost: boolean): void {
    if (!this.#isOpen || isLost) return;
    this.#sent.push(structuredClone(event));
    this.#say({ type: 'event', event });
  }

  #end(): void {
    this.#isOpen = false;
    this.#server.sockets.delete(this);
    if (this.user) broken.set(this.#token, { user: this.user, sent: this.#sent, generation: this.#generation, history: this.#history });
  }

  #greet(): void {
    if (!this.#server.isUp) return this.break(1006);
    const limits = { frame_bytes: 65_536, open_requests: 32, focus: 16, watch: 200, cursors: 64 };
    this.#say({ type: 'hello', version: 1, time: '', ping_interval_ms: 30_000, limits });
  }

  async #take(frame: ClientFrame): Promise<void> {
    if (!this.#isOpen || !this.#server.isUp) return;
    if (frame.type === 'identify') this.#identify(frame.ticket);
    if (frame.type === 'resume') this.#resume(frame.token, frame.received);
    if (frame.type === 'focus') this.#focus = frame.chats;
    if (frame.type === 'ping') this.#say({ type: 'pong', heads: this.#heads() });
    if (frame.type === 'request') await this.#answer(frame);
  }

  #identify(ticket: string): void {
    const user = this.#server.redeem(ticket);
    if (!user) return this.break(4004);
    this.#welcome(user);
    this.#say({ type: 'ready', user, session: 's', resume_token: this.#token, resume_within_ms: 60_000, generation: this.#server.history });
  }

  #resume(token: string, received: number): void {
    const before = broken.get(token);
    if (!before) return this.break(4007);
    broken.delete(token);
    this.#welcome(before.user);
    const exact = before.generation === this.#server.generation && before.history === this.#server.history;
    const missed = exact ? before.sent.slice(received) : [];
    this.#say({ type: 'resumed', exact, replayed: missed.length, resume_token: this.#token, generation: this.#server.history });
    for (const event of missed) this.offer(event, false);
  }

  #welcome(user: string): void {
    this.user = user;
    this.#token = `token-${(connections += 1)}`;
    this.#server.sockets.add(this);
  }

  #heads(): Record<string, Head> {
    const head = (id: string): [string, Head][] => {
      const chat = this.#server.chats.get(id);
      return chat ? [[id, chat.head]] : [];
    };
    return Object.fromEntries(this.#focus.flatMap(head));
  }

  async #answer({ id, method, path, body }: { id: number } & ApiRequest): Promise<void> {
    try {
      const { status, body: answer } = await this.#server.ask(this.user, { method, path, body });
      this.#say({ type: 'response', id, status, body: answer });
    } catch {
      this.break(1006);
    }
  }

  #say(frame: object): void {
    const data = JSON.stringify(frame);
    setTimeout(() => {
      if (this.#isOpen) this.dispatchEvent(new MessageEvent('message', { data }));
    }, 1);
  }
}
