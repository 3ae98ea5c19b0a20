import { createHash } from 'node:crypto';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { freePort, Server } from './server.js';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const asset = /(\/[\w.-]+?-)([\w-]{8})(\.(?:js|css)\b)/gu;
const turned = (text) => [...text].reverse().join('');

/** A real server behind something that can show it with a newer build of the client: other names, the old ones gone. */
export class FrontedServer extends Server {
  /** Which build is shown. */
  isNewer = false;

  async configured() {
    this.inside = this.port;
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.front = createServer((asked, answer) => void this.answer(asked, answer).catch(() => answer.writeHead(502).end()));
    this.front.on('upgrade', (asked, socket, head) => this.upgrade(asked, socket, head));
    await new Promise((listening) => this.front.listen(port, '127.0.0.1', listening));
    return ['--public-url', this.url];
  }

  async down() {
    this.front.closeAllConnections();
    this.front.close();
    await super.down();
  }

  async answer(asked, answer) {
    const path = new URL(asked.url, this.url).pathname;
    const isOurs = asked.method === 'GET' && /^\/(?:$|index\.html$|sw\.js$|assets\/|c\/|new$|browse$|settings)/u.test(path);
    if (!this.isNewer || !isOurs) return this.pass(asked, answer);
    const headers = { ...asked.headers, 'accept-encoding': 'identity' };
    delete headers['if-none-match'];
    const isAsset = path.startsWith('/assets/');
    const { status, head, body } = await this.fetch(isAsset ? path.replace(asset, renamed) : asked.url, headers);
    if (status !== 200) return answer.writeHead(status, head).end(body);
    // Neither is that of what is sent instead.
    for (const name of ['content-length', 'etag']) delete head[name];
    answer.writeHead(200, head).end(await this.newer(path, body));
  }

  /** A file as the newer build has it. */
  async newer(path, body) {
    if (path.endsWith('.png')) return body;
    const text = String(body).replaceAll(asset, renamed);
    if (path === '/sw.js') return this.newerWorker(text);
    return path.startsWith('/assets/') ? text : text.replace('<head>', '<head><meta name="build" content="newer" />');
  }

  /** The list of the worker, as the newer build would have it. */
  async newerWorker(text) {
    const listed = [...text.matchAll(/\[`(\/[^`]+)`,`([0-9a-f]{64})`\]/gu)];
    let made = text.replace(/version:`\w+`/u, 'version:`newer`');
    for (const [, path, hash] of listed) {
      const { body } = await this.fetch(path.replace(asset, renamed), { 'accept-encoding': 'identity' });
      made = made.replace(hash, sha256(await this.newer(path, body)));
    }
    return made;
  }

  fetch(path, headers) {
    return new Promise((resolve, reject) => {
      const inner = request({ port: this.inside, host: '127.0.0.1', path, headers }, (from) => {
        const parts = [];
        from.on('data', (part) => parts.push(part));
        from.on('end', () => resolve({ status: from.statusCode, head: from.headers, body: Buffer.concat(parts) }));
      });
      inner.on('error', reject).end();
    });
  }

  pass(asked, answer) {
    const { method, headers, url: path } = asked;
    const inner = request({ port: this.inside, host: '127.0.0.1', method, headers, path }, (from) => {
      answer.writeHead(from.statusCode, from.headers);
      from.pipe(answer);
    });
    inner.on('error', () => answer.destroy());
    asked.pipe(inner);
  }

  upgrade(asked, socket, head) {
    const inner = connect(this.inside, '127.0.0.1', () => {
      const lines = Array.from({ length: asked.rawHeaders.length / 2 }, (_, at) => `${asked.rawHeaders[2 * at]}: ${asked.rawHeaders[2 * at + 1]}`);
      inner.write([`${asked.method} ${asked.url} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
      inner.write(head);
      inner.pipe(socket).pipe(inner);
    });
    for (const [one, other] of [[inner, socket], [socket, inner]]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  }
}

/** The name of a file in the other build; the name of that is its own again. */
const renamed = (_, start, hash, end) => start + turned(hash) + end;
