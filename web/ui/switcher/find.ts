import { rank, type Chat, type Client, type Person } from '../../core';
import { chatTitle } from '../lib/chat';
import { chatPath } from '../lib/route';
import { write } from '../people/write';
import type { IconName } from '../primitives/icons';
import { isDark, prefs } from '../state/prefs.svelte';
import { router } from '../state/router.svelte';
import { shell } from '../state/shell.svelte';
import { t } from '../lang/words.svelte';
import { more } from '../lang/more';

/** Something the switcher leads to. */
export interface Found {
  id: string;
  title: string;
  sub: string;
  chat?: Chat;
  person?: Person;
  icon?: IconName;
  unread?: number;
  run: () => void;
}

interface World {
  typed: string;
  chats: readonly Chat[];
  people: readonly Person[];
  me: Person;
  client: Client;
}

interface Group {
  name: string;
  title: string;
  found: Found[];
}

/** What fits, in groups: `#` looks only for chats, `@` only for people, `>` only for actions. */
export function find(world: World): Group[] {
  const { switcher } = more();
  const prefix = /^[#@>]/u.exec(world.typed)?.[0] ?? '';
  const typed = world.typed.slice(prefix.length).trim();
  const wants = (mark: string): boolean => prefix === '' || prefix === mark;
  const groups: Group[] = [
    { name: 'chats', title: typed ? switcher.chats : switcher.recent, found: wants('#') ? best(chatsOf(world), typed, 8) : [] },
    { name: 'people', title: switcher.people, found: wants('@') ? best(peopleOf(world), typed, typed ? 6 : 4) : [] },
    { name: 'actions', title: switcher.actions, found: wants('>') ? best(actions(), typed, prefix || typed ? 6 : 3) : [] },
  ];
  return groups.filter((group) => group.found.length > 0);
}

/** The chats and people that fit, the chats first. */
export function chatsAndPeople(world: World): Found[] {
  const typed = world.typed.trim();
  return [...best(chatsOf(world), typed, 8), ...best(peopleOf(world), typed, 4)];
}

function best(found: Found[], typed: string, most: number): Found[] {
  return rank(found.map((one) => ({ id: one.id, text: one.person ? `${one.title} ${one.person.username}` : one.title, one })), typed, most).map(({ one }) => one);
}

function chatsOf({ chats, me }: World): Found[] {
  const kinds = { direct: '', group: more().switcher.private, open: more().switcher.open };
  return chats.map((chat) => ({
    id: chat.id,
    title: chatTitle(chat, me),
    sub: chat.kind === 'direct' ? `@${chat.peer?.username ?? me.username}` : `${kinds[chat.kind]} · ${t().counts.members(chat.member_count)}`,
    chat,
    unread: chat.unread,
    run: () => router.go(chatPath(chat.id)),
  }));
}

/** People one has no chat with yet; the others are found as chats. */
function peopleOf({ chats, people, me, client }: World): Found[] {
  const known = new Set(chats.flatMap((chat) => (chat.kind === 'direct' ? [chat.peer?.id ?? me.id] : [])));
  return people
    .filter((person) => !known.has(person.id))
    .map((person) => ({ id: person.id, title: person.name, sub: `@${person.username}`, person, run: () => void write(client, person) }));
}

function actions(): Found[] {
  const { home, switcher } = more();
  return [
    { id: 'new', title: switcher.new, sub: switcher.newSub, icon: 'compose', run: () => router.go('/new') },
    { id: 'browse', title: home.browse, sub: switcher.browseSub, icon: 'compass', run: () => router.go('/browse') },
    { id: 'inbox', title: switcher.inbox, sub: switcher.inboxSub, icon: 'inbox', run: () => router.go('/inbox') },
    { id: 'saved', title: switcher.saved, sub: switcher.savedSub, icon: 'bookmark', run: () => router.go('/saved') },
    { id: 'theme', title: switcher.theme, sub: switcher.themeSub, icon: 'theme', run: () => prefs.set({ theme: isDark() ? 'light' : 'dark' }) },
    { id: 'settings', title: switcher.settings, sub: switcher.settingsSub, icon: 'tune', run: () => router.go('/settings/appearance') },
    { id: 'keys', title: more().sidebar.shortcuts, sub: switcher.keysSub, icon: 'keyboard', run: () => shell.open({ name: 'shortcuts' }) },
  ];
}

/** Cuts a title where what was typed occurs. */
export function highlight(title: string, typed: string): { text: string; hit: boolean }[] {
  const needle = typed.replace(/^[#@>]\s*/u, '').trim();
  const from = needle ? title.toLowerCase().indexOf(needle.toLowerCase()) : -1;
  if (from < 0) return [{ text: title, hit: false }];
  const to = from + needle.length;
  return [
    { text: title.slice(0, from), hit: false },
    { text: title.slice(from, to), hit: true },
    { text: title.slice(to), hit: false },
  ];
}
