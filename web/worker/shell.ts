/** What `npm run build` made: the hash of everything, and each file with its own. */
export interface Build {
  version: string;
  files: readonly (readonly [path: string, sha256: string])[];
}

/** What the shell needs from outside. */
export interface ShellWorld {
  caches: Pick<CacheStorage, 'open' | 'has' | 'keys' | 'delete' | 'match'>;
  fetch: typeof fetch;
}

/** How the names of our caches begin. Pages know it too: `core/world.ts`. */
const family = 'petit-shell-';
export const page = '/index.html';
/** Every form of a file is the same to who asks here, whatever it is compressed with and whatever follows its path. */
const loosely = { ignoreVary: true, ignoreSearch: true };

/**
 * The files of one build, whole or not at all. They are what everybody gets who has this build: nothing of a person,
 * and no answer of the server, is ever kept here.
 */
export class Shell {
  readonly #build: Build;
  readonly #world: ShellWorld;
  readonly #listed: ReadonlySet<string>;

  constructor(build: Build, world: ShellWorld) {
    this.#build = build;
    this.#world = world;
    this.#listed = new Set(build.files.map(([path]) => path));
  }

  has(path: string): boolean {
    return this.#listed.has(path);
  }

  /** Keeps every file, or fails: a server that is being replaced may answer with files of another build. */
  async install(): Promise<void> {
    const cache = await this.#world.caches.open(this.#name);
    await Promise.all(this.#build.files.map(([path, sha256]) => this.#keep(cache, path, sha256)));
  }

  /** The file of a path: of this build, or of an older one that a tab still shows, or from the server. */
  async file(path: string): Promise<Response> {
    const kept = (await this.#own(path)) ?? (isHashed(path) ? await this.#world.caches.match(path, loosely) : undefined);
    if (kept) return kept;
    const fresh = await this.#world.fetch(path);
    // What the first minutes do not need, such as another language. Without a cache, its person has just left.
    if (fresh.ok && isHashed(path) && (await this.#world.caches.has(this.#name))) {
      await (await this.#world.caches.open(this.#name)).put(path, fresh.clone());
    }
    return fresh;
  }

  /** Takes the builds before this one away. */
  async tidy(): Promise<void> {
    const names = await this.#world.caches.keys();
    const older = names.filter((name) => name.startsWith(family) && name !== this.#name);
    await Promise.all(older.map((name) => this.#world.caches.delete(name)));
  }

  get #name(): string {
    return family + this.#build.version;
  }

  async #own(path: string): Promise<Response | undefined> {
    // A cache that is asked for is made; one that was taken away must stay away.
    if (!(await this.#world.caches.has(this.#name))) return undefined;
    return (await this.#world.caches.open(this.#name)).match(path, loosely);
  }

  async #keep(cache: Cache, path: string, sha256: string): Promise<void> {
    const known = isHashed(path) ? await this.#world.caches.match(path, loosely) : undefined;
    if (known && (await hash(known.clone())) === sha256) return cache.put(path, known);
    const fresh = await this.#world.fetch(path, { cache: isHashed(path) ? 'default' : 'no-cache', redirect: 'error' });
    if (!fresh.ok || (await hash(fresh.clone())) !== sha256) throw new Error(`${path} is not of this build`);
    await cache.put(path, fresh);
  }
}

/** Whether what a path names never changes. */
export const isHashed = (path: string): boolean => path.startsWith('/assets/');

async function hash(response: Response): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
