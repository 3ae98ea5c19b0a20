/** What fills the window. */
export type Page =
  | { name: 'home' }
  | { name: 'chat'; chat: string; seq: number | null }
  | { name: 'inbox'; section: 'unread' | 'mentions' }
  | { name: 'saved' }
  | { name: 'settings'; section: string | null };

/** Dialogs with an address. */
export const overlays = ['new', 'browse'] as const;
export type Overlay = (typeof overlays)[number];

export interface Route {
  page: Page;
  overlay: Overlay | null;
}

/** Reads an address. What is not known is the start page. */
export function parse(href: string): Route {
  const { pathname, searchParams } = new URL(href, 'http://x');
  const [first = '', second = ''] = pathname.split('/').filter(Boolean);
  const overlay = overlays.find((name) => name === first) ?? null;
  if (overlay) return { page: { name: 'home' }, overlay };
  return { page: page(first, second, searchParams.get('m')), overlay };
}

/** Whether an address is a place inside the client. */
export const isPlace = (path: string): boolean => path === '/' || overlays.some((name) => path === `/${name}`) || /^\/(c|inbox|saved|settings)(\/|$)/u.test(path);

function page(first: string, second: string, m: string | null): Page {
  if (first === 'c' && second) return { name: 'chat', chat: decodeURIComponent(second), seq: sequence(m) };
  if (first === 'inbox') return { name: 'inbox', section: second === 'mentions' ? 'mentions' : 'unread' };
  if (first === 'saved') return { name: 'saved' };
  if (first === 'settings') return { name: 'settings', section: second || null };
  return { name: 'home' };
}

function sequence(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/u.test(text) ? Number(text) : null;
}

/** The address of a chat, or of one message in it. */
export function chatPath(chat: string, seq?: number): string {
  const path = `/c/${encodeURIComponent(chat)}`;
  return seq === undefined ? path : `${path}?m=${seq}`;
}
