import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server } from './server.js';

const usual = fileURLToPath(new URL('../../.cache/cluster/env', import.meta.url));

/** What `bin/cluster` wrote down: addresses and passwords of what runs. */
export function parts() {
  const lines = readFileSync(process.env.PETIT_CLUSTER_ENV ?? usual, 'utf8').trim().split('\n');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** Keycloak, as its administrator. */
export class Realm {
  constructor({ KEYCLOAK, KEYCLOAK_ADMIN, KEYCLOAK_ADMIN_PASSWORD }) {
    this.url = KEYCLOAK;
    this.login = { username: KEYCLOAK_ADMIN, password: KEYCLOAK_ADMIN_PASSWORD };
  }

  async ask(method, path, body) {
    const form = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...this.login });
    const signedIn = await fetch(`${this.url}/realms/master/protocol/openid-connect/token`, { method: 'POST', body: form });
    const { access_token: token } = await signedIn.json();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${this.url}/admin/realms/petit${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    const text = await answer.text();
    return text ? JSON.parse(text) : null;
  }

  /** Tells Keycloak where this server hears of people who were signed out. */
  async tell(url) {
    const [client] = await this.ask('GET', '/clients?clientId=petit');
    const attributes = { ...client.attributes, 'backchannel.logout.url': `${url}/auth/backchannel-logout` };
    await this.ask('PUT', `/clients/${client.id}`, { ...client, attributes });
  }

  /** Signs somebody out everywhere, as an administrator does. */
  async signOut(username) {
    const [user] = await this.ask('GET', `/users?username=${username}&exact=true`);
    await this.ask('POST', `/users/${user.id}/logout`);
  }

  /** A new key signs from now on. */
  async rotateKeys() {
    const { id } = await this.ask('GET', '');
    const config = { priority: [String(Date.now())], enabled: ['true'], active: ['true'], keySize: ['2048'] };
    const provider = { name: `key ${Date.now()}`, providerId: 'rsa-generated', providerType: 'org.keycloak.keys.KeyProvider', parentId: id, config };
    await this.ask('POST', '/components', provider);
  }
}

/** Where everything is kept and heard, in a space of its own. */
export function standing(own, { CASSANDRA, NATS, NATS_USER, NATS_PASSWORD }) {
  const store = `[store]
kind = "scylla"
nodes = ["${CASSANDRA}"]
keyspace = "petit_tests"
replication = 1
space = "${own}"
`;
  const bus = `[bus]
kind = "nats"
servers = ["${NATS}"]
user = "${NATS_USER}"
password = "${NATS_PASSWORD}"
prefix = "${own}"
`;
  return { store, bus };
}

export const ownName = () => `e2e${process.pid}x${Date.now()}`;

export async function configure(server, text) {
  const file = join(server.folder, 'petit.toml');
  await writeFile(file, text, { mode: 0o600 });
  return ['--config', file];
}

/** A real server of the cluster profile, in a space of its own: Cassandra, NATS and Keycloak behind it. */
export class ClusterServer extends Server {
  configured() {
    this.parts = parts();
    const { ISSUER, OIDC_CLIENT, OIDC_SECRET } = this.parts;
    const { store, bus } = standing(ownName(), this.parts);
    return configure(this, `${store}${bus}[identity]
kind = "oidc"
issuer = "${this.issuer ?? ISSUER}"
client_id = "${OIDC_CLIENT}"
client_secret = "${OIDC_SECRET}"
role_claim = "roles"
`);
  }
}

/** The same beside a provider that does not answer. */
export class LonelyServer extends ClusterServer {
  issuer = 'http://127.0.0.1:9/realms/petit';
}
