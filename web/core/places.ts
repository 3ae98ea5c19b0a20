import { Source, type Signal } from './signal';
import type { Client } from './surface';
import type { Forwarded, Place } from './types';

/** Where forwarded messages were: what everybody is told does not say it, so it is asked for once. */
export class Places {
  readonly #client: Pick<Client, 'answered'>;
  readonly #known = new Map<string, Source<Place | null>>();

  constructor(client: Pick<Client, 'answered'>) {
    this.#client = client;
  }

  /** Of what is forwarded by this message; null where that is not mine to know, or not known yet. */
  of(message: Place, told: Forwarded): Signal<Place | null> {
    const key = `${message.chat} ${message.seq}`;
    const known = this.#known.get(key);
    if (known) return known;
    const place = new Source(placeIn(told));
    this.#known.set(key, place);
    // What could not be asked for is when somebody looks again.
    if (!place.get() && !told.hidden) void this.#ask(message, place).catch(() => this.#known.delete(key));
    return place;
  }

  async #ask({ chat, seq }: Place, place: Source<Place | null>): Promise<void> {
    const { forwarded } = await this.#client.answered(chat, seq);
    place.set(forwarded ? placeIn(forwarded) : null);
  }
}

const placeIn = ({ chat, seq }: Forwarded): Place | null => (chat !== undefined && seq !== undefined ? { chat, seq } : null);
