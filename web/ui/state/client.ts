import { createContext } from 'svelte';
import { createSubscriber } from 'svelte/reactivity';
import type { Client, Person, Signal } from '../../core';

/** The core, for every component below the root. */
export const [useClient, provideClient] = createContext<Client>();

const tracked = new WeakMap<Signal<unknown>, () => void>();

/** The value of a signal; whatever reads it is drawn again when it changes. */
export function read<T>(signal: Signal<T>): T {
  let track = tracked.get(signal);
  if (!track) {
    track = createSubscriber((update) => signal.subscribe(update));
    tracked.set(signal, track);
  }
  track();
  return signal.get();
}

/** Who is signed in. Only asked for below the root, which waits until it is known. */
export function whoAmI(client: Client): Person {
  const me = read(client.me);
  if (!me) throw new Error('asked who I am before it was known');
  return me;
}

/** What somebody is called; a dash of text until it is known. */
export const nameOf = (client: Client, id: string): string => read(client.person(id))?.name ?? '…';
