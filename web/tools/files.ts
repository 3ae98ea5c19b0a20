import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Every file in a folder and in those below it, in the order of their names. */
export async function files(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    if ((await stat(path)).isDirectory()) found.push(...(await files(path)));
    else found.push(path);
  }
  return found;
}
