import type { Client } from '../../core';
import { read } from './client';
import { router } from './router.svelte';
import { shell } from './shell.svelte';
import { detailsShown } from './details.svelte';

const idleAfter = 5 * 60_000;
const most = 200;

/** Asks for the presence of people on the screen, and says whether somebody is in front of it. */
export function watchPresence(get: () => Client): void {
  const people = $derived(onScreen(get()).join(' '));
  $effect(() => {
    const client = get();
    if (read(client.me)) client.watch(people.split(' ').filter(Boolean));
  });
  $effect(() => activity(get()));
}

function onScreen(client: Client): string[] {
  const peers = read(client.order).flatMap((id) => client.chat(id).get()?.peer?.id ?? []);
  const { page } = router;
  const inChat = page.name === 'chat' ? read(client.chat(page.chat)) : null;
  const members = inChat && inChat.kind !== 'direct' && inChat.role && detailsShown() ? read(client.members(inChat.id)) : [];
  const shown = shell.layer?.name === 'person' ? [shell.layer.person] : [];
  return [...new Set([...shown, ...peers, ...members.map((member) => member.person.id)])].slice(0, most);
}

function activity(client: Client): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const here = (): void => {
    clearTimeout(timer);
    client.activity(!document.hidden);
    if (!document.hidden) timer = setTimeout(() => client.activity(false), idleAfter);
  };
  const stop = new AbortController();
  for (const kind of ['pointerdown', 'keydown', 'focus']) addEventListener(kind, here, { signal: stop.signal, passive: true });
  document.addEventListener('visibilitychange', here, { signal: stop.signal });
  here();
  return () => {
    clearTimeout(timer);
    stop.abort();
  };
}
