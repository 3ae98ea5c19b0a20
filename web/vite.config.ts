import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { budget } from './tools/budget.ts';
import { compress } from './tools/compress.ts';
import { emoji } from './tools/emoji.ts';
import { worker } from './tools/worker.ts';

const server = 'http://127.0.0.1:8420';
const served = ['/v1', '/auth', '/oidc', '/.well-known', '/healthz', '/openapi.json'];

export default defineConfig({
  plugins: [svelte(), emoji(), worker('worker/sw.ts'), compress(), budget({ firstPaintBrotli: 76_500 })],
  build: {
    target: 'es2022',
    // Those that know light-dark(): a rewritten one is settled at the root and cannot differ further down.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    outDir: 'dist',
    emptyOutDir: true,
    // Later parts load when nothing waits for them: what each needs is not listed in the first script.
    modulePreload: { polyfill: false, resolveDependencies: (_file, needed, { hostType }) => (hostType === 'html' ? needed : []) },
    sourcemap: false,
  },
  server: { proxy: Object.fromEntries(served.map((path) => [path, { target: server, ws: true }])) },
  // Components are tested as a browser runs them.
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  // Tests of many made-up cases take long on a machine that does other things too.
  test: { testTimeout: 60_000, environment: 'happy-dom', include: ['core/**/*.test.ts', 'ui/**/*.test.ts', 'worker/**/*.test.ts', 'goals/**/*.test.js'] },
});
