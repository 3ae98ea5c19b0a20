/** What the client needs from the place it runs in. */
export interface World {
  fetch: typeof fetch;
  openSocket(): WebSocket;
  random(): number;
  now(): number;
  /** Null where a browser has none: then each tab sends for itself, which client ids make harmless. */
  locks: Pick<LockManager, 'request'> | null;
  channel(name: string): Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'close'> | null;
  /** Takes text in the moment it is given; null where a browser allows none. */
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'> | null;
  /** Calls `listener` when the page may be gone in a moment. */
  leaving(listener: () => void): void;
  /** Calls `listener` whenever the network seems to come or go. */
  network(listener: (isThere: boolean) => void): void;
}

/** The page it runs in. */
export const browser: World = {
  fetch: (input, init) => fetch(input, init),
  openSocket: () => new WebSocket(`${location.origin.replace(/^http/u, 'ws')}/v1/socket`, ['petit.v1.json']),
  random: Math.random,
  now: Date.now,
  // Only there on pages served over https or from the machine itself.
  locks: globalThis.navigator?.locks ?? null,
  channel: (name) => (typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name)),
  storage: storage(),
  leaving: (listener) => {
    globalThis.addEventListener('pagehide', listener);
    globalThis.addEventListener('visibilitychange', listener);
  },
  network: (listener) => {
    globalThis.addEventListener('online', () => listener(true));
    globalThis.addEventListener('offline', () => listener(false));
  },
};

/** Asking for it throws where it is forbidden. */
function storage(): World['storage'] {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
