type Edges = typeof import('../edges');

let loading: Promise<Edges> | null = null;

/** The parts of the interface that are not needed at first. One that did not come is asked for again next time. */
export function edges(): Promise<Edges> {
  loading ??= import('../edges').catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** Loads them while nothing else is going on, so that they are there without a network too. */
export function loadEdges(): void {
  const load = (): void => void edges().catch(() => undefined);
  if ('requestIdleCallback' in globalThis) requestIdleCallback(load, { timeout: 5000 });
  else setTimeout(load, 1000);
}
