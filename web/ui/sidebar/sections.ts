import type { Client } from '../../core';
import { read } from '../state/client';
import { prefs } from '../state/prefs.svelte';

/** Ids of the chats that are listed: those of many, and those of two. */
export interface Sections {
  chats: readonly string[];
  people: readonly string[];
}

/** What is read does not vanish from under the eye: the open chat stays. */
function listed(client: Client, current: string | null): readonly string[] {
  if (!prefs.now.unreadOnly) return read(client.order);
  return read(client.chats).flatMap(({ id, unread }) => (unread > 0 || id === current ? id : []));
}

export function sectionsOf(client: Client, current: string | null): Sections {
  const ids = listed(client, current);
  // What kind a chat is never changes.
  const isDirect = (id: string): boolean => client.chat(id).get()?.kind === 'direct';
  return { chats: ids.filter((id) => !isDirect(id)), people: ids.filter(isDirect) };
}
