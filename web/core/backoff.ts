const most = 60_000;

/** How long to wait before attempt `n` (0, 1, 2 …): random, and longer each time, so that a crowd spreads out. */
export function backoff(n: number, random: () => number): number {
  return random() * Math.min(most, 500 * 2 ** Math.min(n, 16));
}

/** The same for a connection: no longer than three seconds at first, because a restart is soon over and somebody looks on. */
export function reconnection(n: number, random: () => number): number {
  return n < 8 ? random() * Math.min(3000, 500 * 2 ** n) : backoff(n - 4, random);
}
