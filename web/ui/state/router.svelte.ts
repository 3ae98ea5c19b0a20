import { overlays, parse, type Overlay, type Page, type Route } from '../lib/route';

/** The address as state. A dialog with an address of its own lies over the page that was there before. */
class Router {
  #route = $state.raw<Route>(parse(location.href));
  #page = $state.raw<Page>(this.#route.overlay ? { name: 'home' } : this.#route.page);

  constructor() {
    addEventListener('popstate', () => this.#show());
  }

  get page(): Page {
    return this.#page;
  }

  get overlay(): Overlay | null {
    return this.#route.overlay;
  }

  go(path: string, { replace = false } = {}): void {
    if (replace) history.replaceState(history.state, '', path);
    else history.pushState({ inside: true }, '', path);
    this.#show();
  }

  /** Goes back if we came from inside, else to `fallback`. */
  back(fallback: string): void {
    if ((history.state as { inside?: boolean } | null)?.inside) history.back();
    else this.go(fallback, { replace: true });
  }

  #show(): void {
    this.#route = parse(location.href);
    if (!this.#route.overlay) this.#page = this.#route.page;
  }
}

export const router = new Router();

/** Lets a plain link of this site be followed without loading the page again. */
export function followLinks(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest('a');
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || event.defaultPrevented || link.target || link.origin !== location.origin) return;
  if (!isOurs(link.pathname)) return;
  event.preventDefault();
  router.go(link.pathname + link.search);
}

const isOurs = (path: string): boolean => path === '/' || overlays.some((name) => path === `/${name}`) || /^\/(c|settings)(\/|$)/u.test(path);
