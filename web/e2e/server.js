import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const built = ['release', 'debug'].map((profile) => join(target, profile, 'petit'));

/** The server to test: `PETIT_BIN`, else what was built last resort first. */
export const binary = process.env.PETIT_BIN ?? built.find((path) => existsSync(path)) ?? 'petit';

/** The version after it, which is built for tests alone. */
export const newer = [join(dirname(binary), 'petit-newer'), join(target, 'debug', 'petit-newer')].find((path) => existsSync(path)) ?? 'petit-newer';

/** A port nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** A real server on a folder of its own, with people who can sign in. */
export class Server {
  #process;
  #options = [];
  #program = binary;
  passwords = {};
  /** Where the first account is made, as long as there is none. */
  setupLink;

  static async start({ demo = false } = {}) {
    const server = new this();
    server.demo = demo;
    await server.prepare();
    await server.up();
    return server;
  }

  async prepare() {
    this.folder = await mkdtemp(join(tmpdir(), 'petit-e2e-'));
    this.port = await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    this.#options = await this.configured();
  }

  /** More options of `petit serve`. */
  async configured() {
    return [];
  }

  /** Starts the process, or starts it again on the same folder. */
  async up() {
    const args = ['serve', '--data', this.folder, '--listen', `127.0.0.1:${this.port}`, ...this.#options];
    if (this.demo) args.push('--demo');
    this.#process = spawn(this.#program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    await new Promise((resolve, reject) => {
      this.#process.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${printed}`)));
      this.#process.stdout.on('data', (bytes) => {
        printed += bytes;
        if (printed.includes(`${this.door ?? this.url}\n`)) resolve();
      });
    });
    this.setupLink = printed.match(/^http\S+\/oidc\/setup\S+$/mu)?.[0];
    for (const [, name, password] of printed.matchAll(/^ +(\w+) +(\w{4}-\w{4}-\w{4})$/gmu)) this.passwords[name] ??= password;
  }

  async #stop(signal) {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill(signal);
    await ended;
  }

  /** Pulls the plug. */
  kill() {
    return this.#stop('SIGKILL');
  }

  /** Restarts it as another program on the same folder, in good order. */
  async roll(program) {
    await this.#stop('SIGTERM');
    this.#program = program;
    await this.up();
  }

  async down() {
    await this.#stop('SIGTERM');
    await rm(this.folder, { recursive: true, force: true });
  }

  async addPerson(username, name) {
    const { stdout } = await run(binary, ['user', 'add', username, '--name', name, '--data', this.folder]);
    this.passwords[username] = stdout.trim().split(/\s+/u).at(-1);
  }

  async token(username) {
    const { stdout } = await run(binary, ['token', 'create', username, '--data', this.folder]);
    return stdout.trim().split('\n').at(-1);
  }

  /** Asks the API as somebody, beside the browser. */
  async ask(username, method, path, body) {
    this.tokens ??= {};
    const token = (this.tokens[username] ??= await this.token(username));
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(this.url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? null : response.json();
  }

  async person(username) {
    return this.ask(username, 'GET', '/v1/me');
  }
}
