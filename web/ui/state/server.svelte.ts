import type { Client, ServerInfo } from '../../core';

const key = 'petit-server';
let known = $state.raw<ServerInfo | null>(kept());

/** What is known of the server; null until it was asked once on this device. */
export const server = (): ServerInfo | null => known;

/** What people call it. */
export const serverName = (): string => known?.name ?? 'Petit chat';

/** Asks again. Until there is an answer what was known last counts. */
export async function askServer(client: Client): Promise<void> {
  try {
    known = await client.server();
    localStorage.setItem(key, JSON.stringify(known));
  } catch {
    // Without a connection, or with an older server, it is called as it always was.
  }
}

function kept(): ServerInfo | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') as ServerInfo | null;
  } catch {
    return null;
  }
}
