/** Styles that did not come. The loader asks for them once. */
const missing = new Set<HTMLLinkElement>();

globalThis.addEventListener?.('error', ({ target }) => target instanceof HTMLLinkElement && target.rel === 'stylesheet' && putAside(target), true);

/** Nothing that is in the page is broken. */
function putAside(link: HTMLLinkElement): void {
  link.remove();
  missing.add(link);
}

function askForStyles(): void {
  for (const link of missing) document.head.append(link.cloneNode());
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
