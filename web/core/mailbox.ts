import type { Cache, Outgoing } from './db';
import type { Version } from './drafts';
import { Outbox, type OutboxWorld } from './outbox';
import type { Message } from './types';
import type { World } from './world';

/** What one tab tells the others of the same person. */
type Note =
  /** The outbox changed. `done`: what was done with which message, if that is what happened. */
  | { type: 'outbox'; done: Done | null }
  /** Somebody writes in another tab. */
  | { type: 'composed'; place: string; version: Version }
  /** The session is over. */
  | { type: 'ended' }
  /** The person signs out, and wants nothing of their words kept. */
  | { type: 'throwing-away' };

export interface Done {
  task: Outgoing;
  message: Message;
}

/** What becomes of what arrives. */
interface Listeners {
  done(done: Done): void;
  composed(place: string, version: Version): void;
  ended(): void;
  throwingAway(): void;
}

/** What all tabs of one person in this browser have in common: their outbox, which one of them sends, and what is being written. */
export class Mailbox {
  readonly outbox: Outbox;
  readonly #channel: ReturnType<World['channel']>;

  constructor(world: World, cache: Cache, rest: Omit<OutboxWorld, 'cache' | 'now' | 'random' | 'alone' | 'tell'>, listeners: Listeners) {
    const { author } = rest;
    this.#channel = world.channel(`petit-${author}`);
    this.outbox = new Outbox({
      ...rest,
      cache,
      now: world.now,
      random: world.random,
      alone: (work) => void (world.locks ? world.locks.request(`petit-outbox-${author}`, work) : work()),
      tell: (done) => this.#tell({ type: 'outbox', done }),
    });
    this.#channel?.addEventListener('message', ({ data }) => this.#heard(data as Note, listeners));
  }

  composed(place: string, version: Version): void {
    this.#tell({ type: 'composed', place, version });
  }

  /** Tells other tabs that the session is over. */
  ended(): void {
    this.#tell({ type: 'ended' });
  }

  /** Tells other tabs that the person leaves and what was written shall not stay. */
  throwAway(): void {
    this.#tell({ type: 'throwing-away' });
  }

  close(): void {
    this.outbox.stop();
    this.#channel?.close();
  }

  #tell(note: Note): void {
    this.#channel?.postMessage(note);
  }

  #heard(note: Note, { done, composed, ended, throwingAway }: Listeners): void {
    if (note.type === 'composed') return composed(note.place, note.version);
    if (note.type === 'ended') return ended();
    if (note.type === 'throwing-away') return throwingAway();
    if (note.done) done(note.done);
    void this.outbox.reload();
  }
}
