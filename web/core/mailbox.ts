import type { Api } from './api';
import { Cache, type Outgoing } from './db';
import { Outbox } from './outbox';
import type { Message } from './types';
import type { World } from './world';

/** What one tab tells the others of the same person. */
interface Note {
  /** A message of the outbox that was delivered; null when the outbox changed otherwise. */
  delivered: Message | null;
}

/** One person's outbox, shared by all their tabs in this browser: one of them sends. */
export class Mailbox {
  readonly outbox: Outbox;
  readonly #channel: ReturnType<World['channel']>;

  constructor(world: World, api: Api, cache: Cache, user: string, arrived: (message: Message) => void) {
    this.#channel = world.channel(`petit-${user}`);
    this.outbox = new Outbox({
      cache,
      author: user,
      send: (message) => post(api, message),
      sent: arrived,
      now: world.now,
      random: world.random,
      alone: (work) => void (world.locks ? world.locks.request(`petit-outbox-${user}`, work) : work()),
      tell: (delivered) => this.#channel?.postMessage({ delivered } satisfies Note),
    });
    this.#channel?.addEventListener('message', ({ data }) => {
      const { delivered } = data as Note;
      if (delivered) arrived(delivered);
      void this.outbox.reload();
    });
  }

  close(): void {
    this.outbox.stop();
    this.#channel?.close();
  }
}

function post(api: Api, { chat, text, clientId, replyTo }: Outgoing): Promise<Message> {
  return api.call('POST', `/v1/chats/${chat}/messages`, { body: { text, client_id: clientId, reply_to: replyTo } });
}
