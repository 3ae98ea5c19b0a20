import type { Chat, Client } from '../../core';
import { attentive } from '../chat/attention.svelte';
import { chatTitle, plain, wordsOf } from '../lib/chat';
import { chatPath } from '../lib/route';
import { nameOf, read, whoAmI } from '../state/client';
import { prefs } from '../state/prefs.svelte';
import { router } from '../state/router.svelte';
import { newsSince, seenIn, type Seen } from './news';
import { mayNotify } from './permission.svelte';
import { chime } from './sound';
import { Tabs } from './tabs';
import { more } from '../lang/more';

/** What came while the page was away is listed within this time, and is no news. */
const settling = 3000;
/** No more at once than somebody would read. */
const most = 3;
const longest = 200;

let isWatching = false;
const shown = new Map<string, Notification>();

/** Tells of what is written to me where I do not look: by a notice of the system and a sound, as was chosen. */
export function watchNews(client: Client): void {
  if (isWatching) return;
  isWatching = true;
  const tabs = new Tabs();
  let before: Seen | null = null;
  let isSettled = false;
  $effect.root(() => {
    $effect(() => {
      if (read(client.status) === 'online') setTimeout(() => (isSettled = true), settling);
    });
    $effect(() => tabs.look(attentive() && router.page.name === 'chat' ? router.page.chat : null));
    $effect(() => {
      const chats = read(client.chats);
      const me = read(client.me);
      const news = before && me && isSettled ? newsSince(before, chats, me.id) : [];
      before = seenIn(chats);
      takeBack(chats);
      for (const chat of news.slice(0, most)) void tell(client, tabs, chat);
    });
  });
}

async function tell(client: Client, tabs: Tabs, chat: Chat): Promise<void> {
  if (!tabs.isLeader || (await tabs.isSeen(chat.id)) || !client.me.get()) return;
  if (prefs.now.sound) chime();
  if (prefs.now.notices && mayNotify() === 'granted') show(client, chat);
}

function show(client: Client, chat: Chat): void {
  const author = nameOf(client, chat.last_message?.author ?? '');
  const title = chat.kind === 'direct' ? author : more().notices.inChat(author, chatTitle(chat, whoAmI(client)));
  const body = prefs.now.previews ? plain(chat.last_message ? wordsOf(chat.last_message) : '').slice(0, longest) : more().notices.hidden;
  try {
    const notice = new Notification(title, { body, icon: '/icon-192.png', silent: true });
    notice.addEventListener('click', () => {
      notice.close();
      window.focus();
      router.go(chatPath(chat.id));
    });
    shown.get(chat.id)?.close();
    shown.set(chat.id, notice);
  } catch {
    // Some phones know notices of a worker only.
  }
}

/** What was read needs no notice any more. */
function takeBack(chats: readonly Chat[]): void {
  for (const { id, unread } of chats) {
    if (unread > 0 || !shown.has(id)) continue;
    shown.get(id)?.close();
    shown.delete(id);
  }
}
