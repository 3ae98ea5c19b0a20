import type { Chat, Client, Member, MemberRole, Person } from '../../core';
import { reason } from '../lib/errors';
import { write } from '../people/write';
import type { MenuAction } from '../primitives/Menu.svelte';
import { toasts } from '../state/notices.svelte';
import { shell } from '../state/shell.svelte';
import { more } from '../lang/more';

const roles = (): { role: MemberRole; label: string }[] => [
  { role: 'owner', label: more().details.makeOwner },
  { role: 'admin', label: more().details.makeAdmin },
  { role: 'member', label: more().details.makeMember },
];

/** What the caller may do with a member of a chat. */
export function memberMenu(client: Client, chat: Chat, member: Member, me: Person): MenuAction[] {
  const { person, role } = member;
  if (person.id === me.id) return [];
  const list: MenuAction[] = [{ icon: 'thread', label: more().details.write, run: () => void write(client, person) }];
  if (chat.role === 'owner') {
    for (const one of roles().filter((other) => other.role !== role)) {
      list.push({ icon: 'shield', label: one.label, run: () => void tell(client.setRole(chat.id, person.id, one.role)) });
    }
  }
  if (mayRemove(chat.role, role)) list.push({ icon: 'x', label: more().details.remove, danger: true, run: () => remove(client, chat, person) });
  return list;
}

const mayRemove = (mine: MemberRole | null, theirs: MemberRole): boolean => mine === 'owner' || (mine === 'admin' && theirs !== 'owner');

function remove(client: Client, chat: Chat, person: Person): void {
  const { removeTitle, removeText: text, removeVerb: verb } = more().details;
  const action = (): Promise<void> => client.removeMember(chat.id, person.id);
  shell.open({ name: 'confirm', title: removeTitle(person.name), text, verb, action });
}

async function tell(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => toasts.say(reason(error)));
}
