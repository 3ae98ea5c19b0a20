import { backoff } from './backoff';
import type { ServerEvent, ServerFrame } from './types';

/** What a connection needs from outside. */
export interface SocketWorld {
  /** A one-use ticket. */
  ticket(): Promise<string>;
  open(): WebSocket;
  random(): number;
}

/** What a connection tells. */
export interface SocketListener {
  event(event: ServerEvent): void;
  /** Live, and what was missed has been sent if `complete`; otherwise state must be compared. */
  live(complete: boolean): void;
  /** Events were dropped: state must be compared. */
  stale(): void;
  /** The heads of focused chats. */
  heads(heads: Record<string, { seq: number; cseq: number }>): void;
  lost(): void;
  signedOut(): void;
}

const revoked = 4006;
const resumeRefused = 4007;
const patience = 10_000;

/** Keeps one live connection: opens it again whenever it breaks, and continues where it broke. */
export class Connection {
  readonly #world: SocketWorld;
  readonly #listener: SocketListener;
  #socket: WebSocket | null = null;
  #token: string | null = null;
  #received = 0;
  #attempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ping: ReturnType<typeof setTimeout> | undefined;
  #pingEvery = 30_000;
  #unanswered = 0;
  #isLive = false;
  #stopped = true;
  #hint: number | null = null;
  /** Said again after every reconnection. */
  readonly #standing = new Map<string, object>();

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
    clearTimeout(this.#timer);
    clearTimeout(this.#ping);
    this.#socket?.close(1000);
    this.#socket = null;
    this.#isLive = false;
  }

  /** Tries at once instead of waiting: the network is back. */
  hurry(): void {
    if (this.#stopped || this.#socket) return;
    clearTimeout(this.#timer);
    this.#attempts = 0;
    void this.#open();
  }

  /** Sends a frame if there is a connection. */
  say(frame: object): void {
    if (this.#isLive) this.#socket?.send(JSON.stringify(frame));
  }

  /** Sends a frame now and after every reconnection; a later one of the same type replaces it. */
  keepSaying(frame: { type: string }): void {
    this.#standing.set(frame.type, frame);
    this.say(frame);
  }

  async #open(): Promise<void> {
    try {
      const ticket = this.#token ? null : await this.#world.ticket();
      if (this.#stopped) return;
      this.#attach(this.#world.open(), ticket);
    } catch {
      this.#again();
    }
  }

  #attach(socket: WebSocket, ticket: string | null): void {
    this.#socket = socket;
    const late = setTimeout(() => socket.close(), patience);
    socket.addEventListener('message', ({ data }) => {
      if (socket !== this.#socket) return;
      const frame = JSON.parse(String(data)) as ServerFrame;
      if (frame.type === 'ready' || frame.type === 'resumed') clearTimeout(late);
      this.#take(frame, ticket);
    });
    socket.addEventListener('close', ({ code }) => {
      clearTimeout(late);
      if (socket === this.#socket) this.#closed(code);
    });
  }

  #take(frame: ServerFrame, ticket: string | null): void {
    switch (frame.type) {
      case 'hello':
        this.#pingEvery = frame.ping_interval_ms;
        this.#introduce(ticket);
        break;
      case 'ready':
        this.#received = 0;
        this.#nowLive(frame.resume_token, false);
        break;
      case 'resumed':
        this.#received = 0;
        this.#nowLive(frame.resume_token, frame.exact);
        break;
      case 'event':
        this.#received += 1;
        this.#listener.event(frame.event);
        break;
      case 'pong':
        this.#unanswered = 0;
        this.#listener.heads(frame.heads);
        break;
      case 'resync':
      case 'dirty':
        this.#listener.stale();
        break;
      case 'goaway': {
        const [soonest = 0, latest = soonest] = frame.reconnect_ms;
        this.#hint = soonest + this.#world.random() * (latest - soonest);
        break;
      }
      default:
        break;
    }
  }

  #introduce(ticket: string | null): void {
    const frame =
      this.#token && ticket === null
        ? { type: 'resume', token: this.#token, received: this.#received, cursors: {} }
        : { type: 'identify', ticket, cursors: {} };
    this.#socket?.send(JSON.stringify(frame));
  }

  #nowLive(token: string, complete: boolean): void {
    this.#token = token;
    this.#attempts = 0;
    this.#unanswered = 0;
    this.#isLive = true;
    this.#schedulePing(this.#world.random() * this.#pingEvery);
    for (const frame of this.#standing.values()) this.say(frame);
    this.#listener.live(complete);
  }

  #schedulePing(after: number): void {
    clearTimeout(this.#ping);
    this.#ping = setTimeout(() => {
      if (this.#unanswered >= 2) {
        this.#socket?.close();
        return;
      }
      this.#unanswered += 1;
      this.say({ type: 'ping', received: this.#received });
      this.#schedulePing(this.#pingEvery);
    }, after);
  }

  #closed(code: number): void {
    this.#socket = null;
    this.#isLive = false;
    clearTimeout(this.#ping);
    if (this.#stopped) return;
    if (code === revoked) {
      this.#stopped = true;
      this.#listener.signedOut();
      return;
    }
    if (code === resumeRefused) this.#token = null;
    this.#listener.lost();
    this.#again(code === resumeRefused ? 0 : undefined);
  }

  #again(wait?: number): void {
    if (this.#stopped) return;
    const after = wait ?? this.#hint ?? backoff(this.#attempts, this.#world.random);
    this.#hint = null;
    this.#attempts += 1;
    if (this.#attempts > 2) this.#token = null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#open(), after);
  }
}
