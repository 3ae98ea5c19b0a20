import { isPlace, parse, type Overlay, type Page, type Route } from '../lib/route';

interface Layer {
  onback: () => void;
  hasEntry: boolean;
}

/** What the history keeps of an entry: whether we came to it from inside, and how many layers lay over its page. */
interface Entry {
  inside?: boolean;
  layers?: number;
}

const entry = (): Entry => (history.state as Entry | null) ?? {};
const here = (): string => location.pathname + location.search;

/**
 * The address as state. A dialog with an address of its own lies over the page that was there before. A layer without
 * one has an entry in the history, so that Back closes it before it leaves the page.
 */
class Router {
  #route = $state.raw<Route>(parse(location.href));
  #page = $state.raw<Page>(this.#route.overlay ? { name: 'home' } : this.#route.page);
  #shown = here();
  #layers: Layer[] = [];
  /** The browser goes back because we asked: it does so later, and nothing may be added until then. */
  #isLeaving = false;
  #waiting: (() => void)[] = [];
  /** The last page that was not the settings. */
  outside = '/';

  constructor() {
    addEventListener('popstate', () => this.#popped());
    this.#note();
  }

  get page(): Page {
    return this.#page;
  }

  get overlay(): Overlay | null {
    return this.#route.overlay;
  }

  /** Goes to an address. The layers over the page end first. */
  go(path: string, { replace = false } = {}): void {
    this.#endLayers();
    this.#inTurn(() => {
      if (replace) history.replaceState(history.state, '', path);
      else history.pushState({ inside: true } satisfies Entry, '', path);
      this.#show();
    });
  }

  /** Leaves for a page that is not of this client. The layers' entries go first: going back would call it off. */
  depart(address: string): void {
    this.#endLayers();
    this.#inTurn(() => {
      // Whoever comes back finds a page that ended.
      addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
      location.assign(address);
    });
  }

  /** Goes back if we came from inside, else to `fallback`. */
  back(fallback: string): void {
    if (entry().inside) history.back();
    else this.go(fallback, { replace: true });
  }

  /** A layer came over the page. Back calls `onback`; what is answered takes its entry away when it ends by itself. */
  cover(onback: () => void): () => void {
    const layer: Layer = { onback, hasEntry: false };
    this.#layers.push(layer);
    this.#inTurn(() => {
      const at = this.#layers.indexOf(layer);
      if (at < 0) return;
      layer.hasEntry = true;
      history.pushState({ inside: true, layers: at + 1 } satisfies Entry, '', location.href);
    });
    return () => this.#uncover(layer);
  }

  #uncover(layer: Layer): void {
    const at = this.#layers.indexOf(layer);
    if (at < 0) return;
    this.#layers.splice(at, 1);
    this.#inTurn(() => layer.hasEntry && this.#leave(1));
  }

  #endLayers(): void {
    const ended = this.#layers.splice(0);
    for (const layer of ended.reverse()) layer.onback();
    this.#inTurn(() => {
      const entries = ended.filter((layer) => layer.hasEntry).length;
      if (entries > 0) this.#leave(entries);
    });
  }

  #leave(entries: number): void {
    this.#isLeaving = true;
    history.go(-entries);
  }

  #inTurn(work: () => void): void {
    if (this.#isLeaving) this.#waiting.push(work);
    else work();
  }

  #popped(): void {
    if (this.#isLeaving) {
      this.#isLeaving = false;
      for (let work = this.#waiting.shift(); work; work = this.#isLeaving ? undefined : this.#waiting.shift()) work();
    } else {
      const left = entry().layers ?? 0;
      while (this.#layers.length > left) this.#layers.pop()?.onback();
    }
    this.#show();
  }

  #show(): void {
    if (here() === this.#shown) return;
    this.#shown = here();
    this.#route = parse(location.href);
    if (!this.#route.overlay) this.#page = this.#route.page;
    this.#note();
  }

  #note(): void {
    if (this.#page.name !== 'settings' && !this.#route.overlay) this.outside = here();
  }
}

export const router = new Router();

/** Lets a plain link of this site be followed without loading the page again. */
export function followLinks(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest('a');
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || event.defaultPrevented || link.target || link.origin !== location.origin) return;
  if (!isPlace(link.pathname)) return;
  event.preventDefault();
  router.go(link.pathname + link.search);
}
