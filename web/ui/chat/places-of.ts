import { Places, type Client } from '../../core';

const known = new WeakMap<Client, Places>();

/** Where what is forwarded was, as far as it was asked for. */
export function placesOf(client: Client): Places {
  const places = known.get(client) ?? new Places(client);
  known.set(client, places);
  return places;
}
