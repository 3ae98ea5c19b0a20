/** What the worker uses of the place it runs in. The types of pages and of workers exclude each other. */
export interface Scope {
  readonly caches: CacheStorage;
  readonly clients: { matchAll(of: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly { readonly id: string }[]>; claim(): Promise<void> };
  readonly location: { readonly origin: string };
  readonly registration: { readonly installing: object | null; readonly waiting: Asked | null };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void;
  addEventListener(type: 'fetch', listener: (event: Fetched) => void): void;
  addEventListener(type: 'message', listener: (event: Lasting & Pick<MessageEvent<unknown>, 'data' | 'ports'>) => void): void;
}

/** Something that takes messages. */
export interface Asked {
  postMessage(message: Question, transfer: Transferable[]): void;
}

export interface Lasting {
  waitUntil(work: Promise<unknown>): void;
  /** Only where a browser can take paths past the worker, as Chromium can while it is installed. */
  addRoutes?(routes: { condition: { urlPattern: string }; source: 'network' }[]): Promise<void>;
}

export interface Fetched extends Lasting {
  readonly request: Request;
  /** The page that asks; of a page that is opened, the one it replaces, if there is one. */
  readonly clientId: string;
  respondWith(answer: Promise<Response>): void;
}

/** What pages and other workers may ask: to take over now, answered by the page to show; or whether a file is of this build. */
export type Question = { ask: 'take-over' } | { ask: 'is-yours'; path: string };
