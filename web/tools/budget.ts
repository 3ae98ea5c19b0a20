import { brotliCompressSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Fails the build when the scripts a first page needs grow past their budget. */
export function budget({ firstPaintBrotli }: { firstPaintBrotli: number }): Plugin {
  return {
    name: 'petit-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const needed = new Set<string>();
      const need = (name: string): void => {
        const chunk = chunks.find((one) => one.fileName === name);
        if (!chunk || needed.has(name)) return;
        needed.add(name);
        chunk.imports.forEach(need);
      };
      chunks.filter((chunk) => chunk.isEntry).forEach((chunk) => need(chunk.fileName));
      const used = chunks.filter((chunk) => needed.has(chunk.fileName));
      const size = used.reduce((sum, chunk) => sum + brotliCompressSync(chunk.code).length, 0);
      const line = `scripts to first paint: ${(size / 1000).toFixed(1)} kB br of ${firstPaintBrotli / 1000} kB`;
      if (size > firstPaintBrotli) this.error(line);
      this.info(line);
    },
  };
}
