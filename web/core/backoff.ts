const most = 60_000;

/** How long to wait before attempt `n` (0, 1, 2 …): random, and longer each time, so that a crowd spreads out. */
export function backoff(n: number, random: () => number): number {
  return random() * Math.min(most, 500 * 2 ** Math.min(n, 16));
}
