import { createHash } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { page, Shell, type Build } from './shell';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const built = (version: string, files: Record<string, string>): Build => ({ version, files: Object.entries(files).map(([path, text]) => [path, sha256(text)]) });

/** What a browser keeps for one site. */
class FakeCaches {
  readonly kept = new Map<string, Map<string, string>>();

  open = async (name: string): Promise<Cache> => {
    const files = this.kept.get(name) ?? new Map<string, string>();
    this.kept.set(name, files);
    const put = async (path: string, response: Response): Promise<void> => void files.set(path, await response.text());
    const match = async (path: string): Promise<Response | undefined> => response(files.get(path));
    return { put, match } as unknown as Cache;
  };
  has = async (name: string): Promise<boolean> => this.kept.has(name);
  keys = async (): Promise<string[]> => [...this.kept.keys()];
  delete = async (name: string): Promise<boolean> => this.kept.delete(name);
  match = async (path: string): Promise<Response | undefined> => response([...this.kept.values()].find((files) => files.has(path))?.get(path));
}

const response = (text: string | undefined): Response | undefined => (text === undefined ? undefined : new Response(text));

let caches: FakeCaches;
let server: Record<string, string>;
let asked: string[];

const shell = (build: Build): Shell =>
  new Shell(build, {
    caches: caches as unknown as CacheStorage,
    fetch: (async (path: string) => {
      asked.push(path);
      return server[path] === undefined ? new Response('', { status: 404 }) : new Response(server[path]);
    }) as typeof fetch,
  });

const old = { [page]: 'old page', '/assets/a-1.js': 'a', '/assets/b-1.js': 'b' };
const fresh = { [page]: 'new page', '/assets/a-1.js': 'a', '/assets/b-2.js': 'new b' };

beforeEach(() => {
  caches = new FakeCaches();
  server = { ...old };
  asked = [];
});

it('starts without a server once it is kept', async () => {
  const kept = shell(built('1', old));
  await kept.install();
  server = {};
  expect(await (await kept.file(page)).text()).toBe('old page');
  expect(await (await kept.file('/assets/b-1.js')).text()).toBe('b');
});

it('is not kept when one file is of another build', async () => {
  server = { ...old, [page]: fresh[page] };
  await expect(shell(built('1', old)).install()).rejects.toThrow('/index.html is not of this build');
  server = { [page]: old[page], '/assets/a-1.js': 'a' };
  await expect(shell(built('1', old)).install()).rejects.toThrow('/assets/b-1.js is not of this build');
});

it('asks only for what changed since the build before', async () => {
  await shell(built('1', old)).install();
  asked = [];
  server = { ...fresh };
  await shell(built('2', fresh)).install();
  expect(asked).toEqual([page, '/assets/b-2.js']);
});

it('has the files of the build before for pages that still show it, and not its page', async () => {
  await shell(built('1', old)).install();
  server = { ...fresh };
  const newer = shell(built('2', fresh));
  await newer.install();
  expect(await (await newer.file('/assets/b-1.js')).text()).toBe('b');
  expect(await (await newer.file(page)).text()).toBe('new page');
  await newer.tidy();
  expect([...caches.kept.keys()]).toEqual(['petit-shell-2']);
  expect((await newer.file('/assets/b-1.js')).status).toBe(404);
});

it('keeps what is fetched later under a name that says what it is, and nothing else', async () => {
  server = { ...old, '/assets/de-1.js': 'Hallo', '/v1/me': 'Ada' };
  const kept = shell(built('1', old));
  await kept.install();
  await kept.file('/assets/de-1.js');
  await kept.file('/v1/me');
  await kept.file('/assets/none-1.js');
  server = {};
  expect(await (await kept.file('/assets/de-1.js')).text()).toBe('Hallo');
  expect(new Set(caches.kept.get('petit-shell-1')?.keys())).toEqual(new Set([...Object.keys(old), '/assets/de-1.js']));
});

it('keeps nothing any more after it was taken away', async () => {
  const kept = shell(built('1', old));
  await kept.install();
  caches.kept.clear();
  expect(await (await kept.file('/assets/b-1.js')).text()).toBe('b');
  expect(caches.kept.size).toBe(0);
});
