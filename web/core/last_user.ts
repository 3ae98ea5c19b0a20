import { openDB, type IDBPDatabase } from 'idb';
import type { Parting } from './types';

const open = (): Promise<IDBPDatabase> => openDB('petit', 1, { upgrade: (fresh) => void fresh.createObjectStore('kv') });

/** Which person used this device last; null where nobody did or nothing can be stored. */
export const lastUser = (): Promise<string | null> => read<string>('user');

/** This person uses this device now; null: nobody does. */
export const setLastUser = (user: string | null): Promise<void> => write({ user, parting: null });

/** How the last session here ended, until the next begins; null if it did not end by itself. */
export const lastParting = (): Promise<Parting | null> => read<Parting>('parting');

/** The session ended by itself, so nobody uses this device now. */
export const setParting = (parting: Parting): Promise<void> => write({ user: null, parting });

async function read<T>(key: string): Promise<T | null> {
  try {
    const db = await open();
    const value = (await db.get('kv', key)) as T | undefined;
    db.close();
    return value ?? null;
  } catch {
    return null;
  }
}

async function write(values: Record<string, unknown>): Promise<void> {
  try {
    const db = await open();
    const { store, done } = db.transaction('kv', 'readwrite');
    for (const [key, value] of Object.entries(values)) void (value === null ? store.delete(key) : store.put(value, key));
    await done;
    db.close();
  } catch {
    // Without storage the next start simply begins with the network.
  }
}
