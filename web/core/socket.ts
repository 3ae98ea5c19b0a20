import type { Answer, ApiRequest } from './api';
import { reconnection } from './backoff';
import { Requests } from './requests';
import type { Head, ServerEvent, ServerFrame } from './types';

/** What a connection needs from outside. */
export interface SocketWorld {
  /** A one-use ticket. */
  ticket(): Promise<string>;
  /** Fails while the server is not there. */
  reach(): Promise<void>;
  open(): WebSocket;
  random(): number;
  /** The newest numbers applied of the chats that are held, the most looked at first. */
  cursors(): [string, Head][];
  /** Which history they are of; null if nothing is held. */
  generation(): string | null;
}

/** What a connection tells. */
export interface SocketListener {
  event(event: ServerEvent): void;
  /** Live. Exactly what was missed follows if `exact`; otherwise state of this `generation` must be compared. */
  live(exact: boolean, user: string | null, generation: string | null): void;
  /** Events were dropped: state must be compared. */
  stale(): void;
  /** The heads of focused chats. */
  heads(heads: Record<string, Head>): void;
  lost(): void;
  signedOut(): void;
}

const revoked = 4006;
const resumeRefused = 4007;
/** Ours: the connection answers nobody. The codes below 4100 are the server's. */
const deserted = 4100;
const patience = 10_000;
const probePatience = 5_000;
const resumeAttempts = 4;

/** Keeps one live connection: opens it again whenever it breaks, and continues where it broke. */
export class Connection {
  readonly #world: SocketWorld;
  readonly #listener: SocketListener;
  readonly #requests = new Requests(() => this.drop());
  /** Said again after every reconnection. */
  readonly #standing = new Map<string, object>();
  #socket: WebSocket | null = null;
  #ticket: string | null = null;
  #token: string | null = null;
  #received = 0;
  #attempts = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #ping: ReturnType<typeof setTimeout> | undefined;
  #late: ReturnType<typeof setTimeout> | undefined;
  #pingEvery = 30_000;
  #unanswered = 0;
  #isLive = false;
  #isOpening = false;
  #stopped = true;
  #hint: number | null = null;
  #limits = { frame_bytes: 65_536, open_requests: 32, cursors: 64 };

  constructor(world: SocketWorld, listener: SocketListener) {
    this.#world = world;
    this.#listener = listener;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    void this.#open();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#let(1000);
  }

  /** Tries at once instead of waiting, or asks a connection that seems to live for a sign of it. */
  hurry(): void {
    if (this.#stopped || this.#isOpening) return;
    if (this.#isLive) return this.#probe();
    if (this.#socket) return;
    this.#attempts = 0;
    clearTimeout(this.#retry);
    void this.#open();
  }

  /** Gives a connection up that answers nobody, and opens another. */
  drop(): void {
    if (!this.#socket) return;
    this.#let(deserted);
    this.#lost();
  }

  /** Sends a frame if there is a connection. Answers whether there is. */
  say(frame: object): boolean {
    if (this.#isLive) this.#socket?.send(JSON.stringify(frame));
    return this.#isLive;
  }

  /** Sends a frame now and after every reconnection; a later one of the same type replaces it. */
  keepSaying(frame: { type: string }): void {
    this.#standing.set(frame.type, frame);
    this.say(frame);
  }

  /** Carries a request, if there is a connection with room for it. */
  request(request: ApiRequest): Promise<Answer> | null {
    if (!this.#isLive) return null;
    return this.#requests.ask(request, (text) => this.#socket?.send(text), this.#limits);
  }

  async #open(): Promise<void> {
    this.#isOpening = true;
    try {
      // Browsers make pages wait for seconds whose sockets failed: after one that did, the server is looked for first.
      if (this.#token && this.#attempts > 1) await this.#world.reach();
      this.#ticket = this.#token ? null : await this.#world.ticket();
      if (!this.#stopped) this.#attach(this.#world.open());
    } catch {
      this.#again();
    } finally {
      this.#isOpening = false;
    }
  }

  #attach(socket: WebSocket): void {
    this.#socket = socket;
    this.#late = setTimeout(() => this.drop(), patience);
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#take(JSON.parse(String(data)) as ServerFrame);
    });
    socket.addEventListener('close', ({ code }) => {
      if (socket === this.#socket) this.#closed(code);
    });
  }

  #take(frame: ServerFrame): void {
    switch (frame.type) {
      case 'hello':
        this.#pingEvery = frame.ping_interval_ms;
        this.#limits = frame.limits;
        return this.#introduce();
      case 'ready':
        return this.#nowLive(frame, false, frame.user);
      case 'resumed':
        return this.#nowLive(frame, frame.exact, null);
      case 'event':
        this.#received += 1;
        return this.#listener.event(frame.event);
      case 'response':
        return this.#requests.answered(frame.id, frame.status, frame.body);
      case 'pong':
        clearTimeout(this.#late);
        this.#unanswered = 0;
        return this.#listener.heads(frame.heads);
      case 'resync':
      case 'dirty':
        return this.#listener.stale();
      case 'goaway':
        this.#hint = between(frame.reconnect_ms, this.#world.random());
        return;
      case 'error':
        if (typeof frame.id === 'number') this.#requests.refused(frame.id);
        return;
      default:
        // A newer server says more than this client knows.
        return;
    }
  }

  #introduce(): void {
    const cursors = Object.fromEntries(this.#world.cursors().slice(0, this.#limits.cursors));
    const generation = this.#world.generation();
    const of = generation ? { generation } : {};
    const frame = this.#ticket
      ? { type: 'identify', ticket: this.#ticket, cursors, ...of }
      : { type: 'resume', token: this.#token, received: this.#received, cursors };
    this.#socket?.send(JSON.stringify(frame));
  }

  #nowLive(frame: { resume_token: string; generation?: string }, exact: boolean, user: string | null): void {
    clearTimeout(this.#late);
    this.#token = frame.resume_token;
    this.#received = 0;
    this.#attempts = 0;
    this.#unanswered = 0;
    this.#isLive = true;
    this.#schedulePing(this.#world.random() * this.#pingEvery);
    for (const standing of this.#standing.values()) this.say(standing);
    this.#listener.live(exact, user, frame.generation ?? null);
  }

  #schedulePing(after: number): void {
    clearTimeout(this.#ping);
    this.#ping = setTimeout(() => {
      if (this.#unanswered >= 2) return this.drop();
      this.#sayPing();
      this.#schedulePing(this.#pingEvery);
    }, after);
  }

  #sayPing(): void {
    this.#unanswered += 1;
    this.say({ type: 'ping', received: this.#received });
  }

  #probe(): void {
    clearTimeout(this.#late);
    this.#late = setTimeout(() => this.drop(), probePatience);
    this.#sayPing();
  }

  /** Lets go of the socket without waiting for it to close. */
  #let(code: number): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#isLive = false;
    clearTimeout(this.#ping);
    clearTimeout(this.#late);
    socket?.close(code);
    this.#requests.lost();
  }

  #closed(code: number): void {
    this.#let(1000);
    if (code === revoked) {
      this.#stopped = true;
      return this.#listener.signedOut();
    }
    if (code === resumeRefused) {
      this.#token = null;
      this.#hint = 0;
    }
    this.#lost();
  }

  #lost(): void {
    if (this.#stopped) return;
    this.#listener.lost();
    this.#again();
  }

  #again(): void {
    if (this.#stopped) return;
    const wait = this.#hint ?? reconnection(this.#attempts, this.#world.random);
    this.#hint = null;
    this.#attempts += 1;
    // A ticket also tells whether somebody is still signed in.
    if (this.#attempts > resumeAttempts) this.#token = null;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#open(), wait);
  }
}

function between([earliest = 0, latest = earliest]: readonly number[], part: number): number {
  return earliest + part * (latest - earliest);
}
