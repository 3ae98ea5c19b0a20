import { openDB, type IDBPDatabase } from 'idb';

const open = (): Promise<IDBPDatabase> => openDB('petit', 1, { upgrade: (fresh) => void fresh.createObjectStore('kv') });

/** Which person used this device last; null where nobody did or nothing can be stored. */
export async function lastUser(): Promise<string | null> {
  try {
    const db = await open();
    const user = (await db.get('kv', 'user')) as string | undefined;
    db.close();
    return user ?? null;
  } catch {
    return null;
  }
}

export async function setLastUser(user: string | null): Promise<void> {
  try {
    const db = await open();
    if (user) await db.put('kv', user, 'user');
    else await db.delete('kv', 'user');
    db.close();
  } catch {
    // Without storage the next start simply begins with the network.
  }
}
