/** What looks after messages that are held or scheduled: it comes later. */
export type HeldPart = typeof import('./held');

/** What the client needs from the place it runs in. */
export interface World {
  held(): Promise<HeldPart>;
  fetch: typeof fetch;
  openSocket(): WebSocket;
  random(): number;
  now(): number;
  /** Null where a browser has none: then each tab sends for itself, which client ids make harmless. */
  locks: Pick<LockManager, 'request'> | null;
  channel(name: string): Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'close'> | null;
  /** Takes text in the moment it is given; null where a browser allows none. */
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'> | null;
  /** Takes away what this device keeps of the client itself, so that it starts from the server again. */
  forgetShell(): Promise<void>;
  /** Calls `listener` when the page may be gone in a moment. */
  leaving(listener: () => void): void;
  /** Calls `listener` whenever the network seems to come or go. */
  network(listener: (isThere: boolean) => void): void;
}

/** The page it runs in. */
export const browser: Omit<World, 'held'> = {
  fetch: (input, init) => fetch(input, init),
  openSocket: () => new WebSocket(`${location.origin.replace(/^http/u, 'ws')}/v1/socket`, ['petit.v1.json']),
  random: Math.random,
  now: Date.now,
  // Only there on pages served over https or from the machine itself.
  locks: globalThis.navigator?.locks ?? null,
  channel: (name) => (typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name)),
  storage: storage(),
  forgetShell,
  leaving: (listener) => {
    globalThis.addEventListener('pagehide', listener);
    globalThis.addEventListener('visibilitychange', listener);
  },
  network: (listener) => {
    globalThis.addEventListener('online', () => listener(true));
    globalThis.addEventListener('offline', () => listener(false));
  },
};

/** How long somebody who leaves is kept waiting: a worker that is still being installed goes only afterwards. */
const patience = 2_000;

function forgetShell(): Promise<void> {
  return Promise.race([takeShellAway(), new Promise<void>((resolve) => void setTimeout(resolve, patience))]);
}

/** The service worker and its caches (`worker/shell.ts`). Neither is there on pages served over plain http. */
async function takeShellAway(): Promise<void> {
  try {
    const registration = await globalThis.navigator?.serviceWorker?.getRegistration('/');
    await registration?.unregister();
    const names = (await globalThis.caches?.keys()) ?? [];
    await Promise.all(names.filter((name) => name.startsWith('petit-shell-')).map((name) => caches.delete(name)));
  } catch {
    // Where nothing can be kept there is nothing to take away.
  }
}

/** Asking for it throws where it is forbidden. */
function storage(): World['storage'] {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
