/** What a page loads over the network, by kind, as it was sent. Nothing comes from what the browser kept. */
export class Loading {
  #kinds = new Map();
  #sizes = new Map();

  static async watch(page) {
    const loading = new this();
    const debug = await page.context().newCDPSession(page);
    await debug.send('Network.enable');
    await debug.send('Network.setCacheDisabled', { cacheDisabled: true });
    debug.on('Network.responseReceived', ({ requestId, type }) => loading.#kinds.set(requestId, type));
    debug.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => loading.#sizes.set(requestId, encodedDataLength));
    return loading;
  }

  of(...kinds) {
    const ids = [...this.#kinds].flatMap(([id, kind]) => (kinds.includes(kind) ? [id] : []));
    return { bytes: ids.reduce((sum, id) => sum + (this.#sizes.get(id) ?? 0), 0), count: ids.length };
  }

  /** How many requests were answered. */
  get count() {
    return this.#kinds.size;
  }
}
