import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configure, ownName, parts, standing } from './cluster.js';
import { freePort, Server } from './server.js';

/** What answers requests and reads and writes; people reach it through a gateway. */
class Application extends Server {
  constructor(gateway) {
    super();
    this.gateway = gateway;
    this.demo = gateway.demo;
    /** What it prints as its address. */
    this.door = gateway.url;
  }

  configured() {
    const { common, store, grpc, url } = this.gateway.plan(this.url);
    return configure(this, `[server]
roles = ["api", "worker", "notifier"]
public_url = "${url}"
${common}listen = "127.0.0.1:${grpc}"
[identity]
kind = "builtin"
${store}`);
  }
}

/** Two processes on the servers of `bin/cluster`: an application, and before it a gateway without a store. */
export class PairServer extends Server {
  async configured() {
    this.grpc = await freePort();
    this.own = ownName();
    this.secret = join(this.folder, 'secret');
    await writeFile(this.secret, '4d'.repeat(32), { mode: 0o600 });
    this.application = new Application(this);
    // A gateway has nowhere to put people.
    this.demo = false;
    await this.application.prepare();
    const { common, url } = this.plan(this.application.url);
    return configure(this, `[server]
roles = ["plexer"]
public_url = "${url}"
${common}`);
  }

  /** What both have in common, ending in the section that says who is where. */
  plan(application) {
    const { store, bus } = standing(this.own, parts());
    const grpc = `"http://127.0.0.1:${this.grpc}"`;
    const common = `secret_file = "${this.secret}"
${bus}[cluster]
apis = [${grpc}]
notifiers = [${grpc}]
api_urls = ["${application}"]
`;
    return { common, store, grpc: this.grpc, url: this.url };
  }

  async up() {
    await this.application.up();
    await super.up();
    ({ setupLink: this.setupLink, passwords: this.passwords } = this.application);
  }

  async kill() {
    await Promise.all([super.kill(), this.application.kill()]);
  }

  async down() {
    await super.down();
    await this.application.down();
  }

  addPerson(username, name) {
    return this.application.addPerson(username, name);
  }

  token(username) {
    return this.application.token(username);
  }
}
