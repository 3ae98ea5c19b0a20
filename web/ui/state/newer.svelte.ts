import type { Client } from '../../core';
import { read } from './client';

/** A newer build: `waiting` to be taken, or `taken` by another tab, after which this one lives on borrowed files. */
type Newer = 'none' | 'waiting' | 'taken';

let state = $state<Newer>('none');
let registration: ServiceWorkerRegistration | null = null;
/** A worker that was asked to take over does so at once, or never. */
const patience = 3000;

export const newer = {
  get state(): Newer {
    return state;
  },
};

/** Keeps the client on this device while somebody is signed in, and looks for a newer one whenever the server is back. */
export function keepShell(get: () => Client): void {
  $effect(() => {
    if (read(get().status) !== 'online') return;
    if (registration) void registration.update().catch(() => undefined);
    else void register();
  });
}

/** Loads the page again, as the newest build there is. What was written is kept as it is whenever a page goes away. */
export function reloadNewest(): void {
  const waiting = registration?.waiting;
  if (!waiting) return location.reload();
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
  setTimeout(() => location.reload(), patience);
  waiting.postMessage({ ask: 'take-over' }, []);
}

async function register(): Promise<void> {
  // Not on pages served over plain http.
  if (!('serviceWorker' in navigator)) return;
  try {
    registration = await navigator.serviceWorker.register(address(), { updateViaCache: 'none' });
  } catch {
    // Without it everything works while there is a network.
    return;
  }
  registration.addEventListener('updatefound', () => watch(registration?.installing));
  watch(registration.installing);
  look();
  navigator.serviceWorker.addEventListener('controllerchange', () => void compare());
}

function watch(worker: ServiceWorker | null | undefined): void {
  worker?.addEventListener('statechange', look);
}

/** The first worker of all waits for nothing. */
function look(): void {
  if (registration?.waiting && navigator.serviceWorker.controller) state = 'waiting';
}

/** Another worker is in charge: of this page's build, or of a newer one. */
async function compare(): Promise<void> {
  const { controller } = navigator.serviceWorker;
  if (!controller) return;
  const { port1, port2 } = new MessageChannel();
  const isOurs = new Promise((resolve) => {
    port1.addEventListener('message', ({ data }) => resolve(data));
    port1.start();
  });
  controller.postMessage({ ask: 'is-yours', path: new URL(import.meta.url).pathname }, [port2]);
  state = (await isOurs) ? 'none' : 'taken';
}

/** What the types of TypeScript do not know of browsers yet. */
interface Policies {
  trustedTypes?: { createPolicy(name: string, rules: { createScriptURL(wanted: string): string }): { createScriptURL(wanted: string): string } };
}

let policed: string | null = null;

/** The address of the worker, for pages that take no address of a script but from a named policy, which is made once. */
function address(): string {
  const path = '/sw.js';
  const { trustedTypes } = globalThis as Policies;
  policed ??= trustedTypes?.createPolicy('sw-url', { createScriptURL: () => path }).createScriptURL(path) ?? path;
  return policed;
}
