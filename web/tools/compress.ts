import { readFile, writeFile } from 'node:fs/promises';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { files } from './files.ts';

const text = /\.(?:js|css|html|svg|json|webmanifest|txt)$/u;

/** Writes `.br` and `.gz` beside every text file of the build, so that the server never compresses. */
export function compress(): Plugin {
  let folder = 'dist';
  async function pack(): Promise<void> {
    for (const file of await files(folder)) {
      if (!text.test(file)) continue;
      const bytes = await readFile(file);
      const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
      await writeFile(`${file}.br`, brotliCompressSync(bytes, brotli));
      await writeFile(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    }
  }
  return {
    name: 'petit-compress',
    apply: 'build',
    configResolved: (config) => void (folder = config.build.outDir),
    writeBundle: { order: 'post', sequential: true, handler: pack },
  };
}
