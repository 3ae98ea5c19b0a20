import { choicesOf, type Chat, type Client } from '../../core';
import { t } from '../lang/words.svelte';
import { read } from '../state/client';
import { prefs } from '../state/prefs.svelte';

/** Chats that are listed together. */
export interface Section {
  /** The same for as long as it is there. */
  key: string;
  title: string;
  ids: readonly string[];
}

/** What is read does not vanish from under the eye: the open chat stays. */
function listed(client: Client, current: string | null): readonly string[] {
  if (!prefs.now.unreadOnly) return read(client.order);
  return read(client.chats).flatMap(({ id, unread }) => (unread > 0 || id === current ? id : []));
}

/** In which section a chat stands: favourites first, then what I called one, then chats of many and chats of two. */
function keyOf(chat: Chat | null | undefined): string | null {
  if (!chat || choicesOf(chat).hidden) return null;
  const { favourite, section } = choicesOf(chat);
  return favourite ? 'favourites' : section ? `section ${section}` : chat.kind === 'direct' ? 'people' : 'chats';
}

export function sectionsOf(client: Client, current: string | null): Section[] {
  const found = new Map<string, string[]>([['favourites', []]]);
  // Where a chat stands is told by the order of all.
  const keyed = listed(client, current).map((id) => ({ id, key: keyOf(client.chat(id).get()) }));
  for (const name of named(keyed.flatMap(({ key }) => (key?.startsWith('section ') ? [key] : [])))) found.set(name, []);
  for (const key of ['chats', 'people']) found.set(key, []);
  for (const { id, key } of keyed) if (key) found.get(key)?.push(id);
  return [...found].flatMap(([key, ids]) => (ids.length > 0 ? [{ key, title: titleOf(key), ids }] : []));
}

/** In the order of the alphabet of whoever reads them. */
const named = (keys: readonly string[]): string[] => [...new Set(keys)].sort((a, b) => a.localeCompare(b));

function titleOf(key: string): string {
  const { favourites, chats, people } = t().sidebar;
  return { favourites, chats, people }[key] ?? key.slice('section '.length);
}

/** The names of all sections there are. */
export const sectionNames = (client: Client): string[] => named(client.chats.get().flatMap((chat) => choicesOf(chat).section ?? []));
