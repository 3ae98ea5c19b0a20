/** Styles that did not come. The loader asks for them once. */
const missing = new Set<HTMLLinkElement>();

globalThis.addEventListener?.('error', ({ target }) => target instanceof HTMLLinkElement && target.rel === 'stylesheet' && missing.add(target), true);

function askForStyles(): void {
  for (const link of missing) link.replaceWith(link.cloneNode());
  missing.clear();
}

/** Loads a part of the interface when it is first asked for. One that did not come is asked for again next time, with its styles. */
export function part<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () => {
    if (!loading) askForStyles();
    loading ??= load().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}
