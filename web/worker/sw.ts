/**
 * The service worker: it has the client's own files, so that the client starts without a network, and nothing else.
 * Requests to the API pass it by. A newer build waits until no page of the older one is left or a person asks for it.
 */
import { isPlace } from '../ui/lib/route';
import type { Asked, Fetched, Question, Scope } from './scope';
import { isHashed, page, Shell, type Build } from './shell';

/** Written by `tools/worker.ts`. */
declare const BUILD: Build;

const scope = self as unknown as Scope;
const shell = new Shell(BUILD, { caches: scope.caches, fetch: (path, init) => fetch(path, init) });
/** A page as one worker tells it another. */
interface Told {
  body: string;
  headers: [name: string, value: string][];
}

/** A newer build answers at once, or is not waited for. */
const patience = 1000;

scope.addEventListener('install', (event) => {
  const past = ['/v1/*', '/auth/*', '/oidc/*'].map((urlPattern) => ({ condition: { urlPattern }, source: 'network' as const }));
  event.waitUntil(Promise.all([shell.install(), event.addRoutes?.(past).catch(() => undefined)]));
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([scope.clients.claim(), tidyIfAlone(null)]));
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== scope.location.origin) return;
  if (request.mode === 'navigate') {
    if (isPlace(url.pathname)) event.respondWith(opened(event));
  } else if (shell.has(url.pathname) || isHashed(url.pathname)) event.respondWith(shell.file(url.pathname));
});

scope.addEventListener('message', (event) => {
  const question = event.data as Question;
  const [port] = event.ports;
  if (question.ask === 'is-yours') return port?.postMessage(shell.has(question.path));
  event.waitUntil(shell.file(page).then(async (ours) => {
    port?.postMessage({ body: await ours.text(), headers: [...ours.headers] } satisfies Told);
    await scope.skipWaiting();
  }));
});

/** The page at an address. If no other page is open, a build that waits takes over with this one. */
async function opened(event: Fetched): Promise<Response> {
  const { waiting } = scope.registration;
  const isAlone = await tidyIfAlone(event.clientId);
  const newer = isAlone && waiting ? await takeOver(waiting) : null;
  return newer ? new Response(newer.body, { headers: newer.headers }) : shell.file(page);
}

/** The page of a build that waits, which is in charge from then on; null if it does not answer. */
function takeOver(waiting: Asked): Promise<Told | null> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.addEventListener('message', ({ data }) => resolve(data as Told));
    port1.start();
    setTimeout(() => resolve(null), patience);
    waiting.postMessage({ ask: 'take-over' }, [port2]);
  });
}

/** Pages of older builds need their files. Without any only ours are kept, once no other build is on its way. */
async function tidyIfAlone(replaced: string | null): Promise<boolean> {
  const windows = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const isAlone = replaced === null ? windows.length <= 1 : windows.every(({ id }) => id === replaced);
  const { installing, waiting } = scope.registration;
  if (isAlone && !installing && !waiting) await shell.tidy();
  return isAlone;
}
