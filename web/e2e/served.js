import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** A folder that `vite build` made, shown instead of what is built into the server: no server has to be linked to try a page. */
const folder = process.env.PETIT_PAGES;
export const servesPages = folder !== undefined;
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png', '.webmanifest': 'application/manifest+json' };
const elsewhere = /^\/(?:v1|auth|oidc|healthz|openapi|\.well-known)/u;

export async function serveFrom(context) {
  if (!folder) return;
  await context.route((url) => !elsewhere.test(url.pathname), async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = join(folder, pathname);
    const isFile = pathname !== '/' && existsSync(file);
    if (!isFile && route.request().resourceType() !== 'document') return route.fallback();
    // A page of the server may lead to signing in.
    const answer = isFile ? null : await route.fetch({ maxRedirects: 0 });
    if (answer && answer.status() !== 200) return route.fulfill({ response: answer });
    const body = await readFile(isFile ? file : join(folder, 'index.html'));
    const contentType = isFile ? (types[extname(file)] ?? 'application/octet-stream') : 'text/html';
    return route.fulfill({ ...(answer ? { response: answer } : {}), body, contentType });
  });
}
