import { tick } from 'svelte';
import type { Client, Person } from '../../core';
import { reason } from '../lib/errors';
import { chatPath } from '../lib/route';
import { toasts } from '../state/notices.svelte';
import { router } from '../state/router.svelte';

/** Opens the chat with one person, and makes it if there is none. */
export async function write(client: Client, person: Person): Promise<void> {
  try {
    const known = client.chats.get().find(({ kind, peer }) => kind === 'direct' && peer?.id === person.id);
    const { id } = known ?? (await client.createChat('direct', null, [person.id]));
    router.go(chatPath(id));
    await tick();
    document.querySelector<HTMLElement>('.composer textarea')?.focus();
  } catch (error) {
    toasts.say(reason(error));
  }
}
