import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'vite';
import { files } from './files.ts';

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** Writes the service worker beside the build, with the hash of every file that it keeps. */
export function worker(source: string): Plugin {
  let folder = 'dist';
  async function write(): Promise<void> {
    const kept = await Promise.all((await files(folder)).map(async (file) => [`/${relative(folder, file)}`, sha256(await readFile(file))] as const));
    const version = sha256(JSON.stringify(kept)).slice(0, 12);
    await writeFile(join(folder, 'sw.js'), await compiled(source, { version, files: kept }));
  }
  return {
    name: 'petit-worker',
    apply: 'build',
    configResolved: (config) => void (folder = config.build.outDir),
    writeBundle: { sequential: true, handler: write },
  };
}

/** One plain script: not every browser takes a module for a worker of this kind. */
async function compiled(source: string, shell: object): Promise<string> {
  const output = { format: 'iife', entryFileNames: 'sw.js' } as const;
  const made = await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    define: { BUILD: JSON.stringify(shell) },
    build: { write: false, target: 'es2022', modulePreload: false, rolldownOptions: { input: source, output } },
  });
  const [script] = (Array.isArray(made) ? made : [made]).flatMap((one) => ('output' in one ? one.output : []));
  if (script?.type !== 'chunk') throw new Error(`${source} did not become one script`);
  return script.code;
}
