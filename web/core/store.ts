import type { Cache } from './db';
import { MessageLog } from './log';
import { byActivity, changeNumber, merged, withMessage, withReadMarker, withRevision } from './reduce';
import { Family, Source } from './signal';
import type { Changes, Chat, Head, Member, Message, Person, ServerEvent } from './types';

/** What the store asks for when numbers show that something was missed. */
export interface Repair {
  /** Messages above `after` are missing. */
  messages(chat: string, after: number): void;
  /** Changes above `after` are missing. */
  changes(chat: string, after: number): void;
}

/** Everything this tab knows, brought forward by events. What comes twice is dropped by its number. */
export class Store {
  readonly me = new Source<Person | null>(null);
  readonly chats = new Source<readonly Chat[]>([]);
  readonly chat = new Family<Chat | null | undefined>((id) => this.#chats.get(id));
  readonly person = new Family<Person | null>((id) => this.#people.get(id) ?? null);
  readonly members = new Family<readonly Member[]>((id) => this.#members.get(id) ?? []);
  /** Counts what changed in a chat's log, so that open timelines look again. */
  readonly logVersion = new Family<number>(() => 0);

  readonly #chats = new Map<string, Chat | null>();
  readonly #applied = new Map<string, Head>();
  readonly #logs = new Map<string, MessageLog>();
  readonly #people = new Map<string, Person>();
  readonly #members = new Map<string, readonly Member[]>();
  readonly #repair: Repair;
  #cache: Cache | null = null;

  constructor(repair: Repair) {
    this.#repair = repair;
  }

  async open(cache: Cache): Promise<void> {
    const [chats, people, me] = await Promise.all([cache.chats(), cache.people(), cache.me()]);
    this.#cache = cache;
    for (const person of people) this.#people.set(person.id, person);
    for (const chat of chats) {
      this.#chats.set(chat.id, chat);
      this.#applied.set(chat.id, { seq: chat.head_seq, cseq: chat.head_cseq });
    }
    if (me) this.me.set(me);
    this.#sort();
  }

  setMe(me: Person): void {
    this.me.set(me);
    this.addPeople([me]);
    void this.#cache?.saveMe(me);
  }

  log(chat: string): MessageLog {
    let log = this.#logs.get(chat);
    if (!log) this.#logs.set(chat, (log = new MessageLog()));
    return log;
  }

  /** The newest numbers of a chat that were applied. */
  applied(chat: string): Head {
    return this.#applied.get(chat) ?? { seq: -1, cseq: -1 };
  }

  known(): Chat[] {
    return [...this.#chats.values()].filter((chat) => chat !== null);
  }

  addPeople(people: readonly Person[]): void {
    const fresh = people.filter((person) => {
      const held = this.#people.get(person.id);
      return !held || held.name !== person.name || held.username !== person.username || held.role !== person.role;
    });
    for (const person of fresh) {
      this.#people.set(person.id, person);
      this.person.set(person.id, person);
      if (person.id === this.me.get()?.id) this.me.set(person);
    }
    if (fresh.length > 0) void this.#cache?.savePeople(fresh);
  }

  hasPerson(id: string): boolean {
    return this.#people.has(id);
  }

  /** Takes the server's copy of a chat and asks for what it shows to be missing. */
  takeChat(theirs: Chat): void {
    if (theirs.peer) this.addPeople([theirs.peer]);
    const before = this.#applied.get(theirs.id) ?? null;
    const ours = this.#chats.get(theirs.id);
    this.#applied.set(theirs.id, {
      seq: Math.max(before?.seq ?? -1, theirs.head_seq),
      cseq: before ? before.cseq : theirs.head_cseq,
    });
    if (theirs.last_message) this.#put([theirs.last_message]);
    this.#setChat(merged(ours, theirs, before));
    if (!before) return;
    if (theirs.head_seq > before.seq && this.log(theirs.id).size > 0) this.#repair.messages(theirs.id, before.seq);
    if (theirs.head_cseq > before.cseq) this.#repair.changes(theirs.id, before.cseq);
  }

  /** The chat is not there for me. */
  forgetChat(id: string): void {
    this.#chats.set(id, null);
    this.#applied.delete(id);
    this.#logs.delete(id);
    this.#members.delete(id);
    this.chat.set(id, null);
    this.members.set(id, []);
    this.#sort();
    void this.#cache?.forgetChat(id);
  }

  /** Takes messages that were fetched. `from` to `to` is the stretch they fill. */
  takeMessages(chat: string, messages: readonly Message[]): void {
    this.#put(messages);
    const newest = messages.at(-1);
    const row = this.#chats.get(chat);
    if (newest && row) {
      const head = this.applied(chat);
      this.#applied.set(chat, { ...head, seq: Math.max(head.seq, newest.seq) });
      this.#setChat(withMessage(withRevision(row, newest), newest, this.me.get()?.id ?? null));
    }
  }

  takeChanges(chat: string, changes: Changes): void {
    const row = this.#chats.get(chat);
    if (!row) return;
    this.#put(changes.messages);
    let next = changes.messages.reduce(withRevision, row);
    next = { ...next, name: changes.name ?? next.name, member_count: changes.member_count };
    const me = this.me.get()?.id;
    const own = changes.members.find((member) => member.person.id === me);
    if (own) next = { ...next, role: own.role };
    for (const member of changes.members) this.#setMember(chat, member);
    for (const user of changes.removed) this.#dropMember(chat, user);
    const applied = this.applied(chat);
    const cseq = Math.max(applied.cseq, changes.up_to_cseq);
    this.#applied.set(chat, { ...applied, cseq });
    this.#setChat({ ...next, head_cseq: Math.max(next.head_cseq, cseq) });
  }

  setMembers(chat: string, members: readonly Member[]): void {
    this.addPeople(members.map((member) => member.person));
    this.#members.set(chat, members);
    this.members.set(chat, members);
  }

  readMarker(chat: string, seq: number): void {
    const row = this.#chats.get(chat);
    if (row) this.#setChat(withReadMarker(row, seq));
  }

  /** Brings what is known forward by one event. */
  apply(event: ServerEvent): void {
    if ('chat' in event && event.type !== 'chat_added' && !this.#chats.get(event.chat)) return;
    const number = changeNumber(event);
    if (number !== null && 'chat' in event && !this.#isNext(event.chat, number)) return;
    switch (event.type) {
      case 'message_created':
        this.#created(event.chat, event.message);
        break;
      case 'message_edited':
      case 'message_deleted':
        this.#put([event.message]);
        this.#changeChat(event.chat, (chat) => withRevision(chat, event.message));
        break;
      case 'member_changed':
        this.#memberChanged(event.chat, event.member, event.member_count);
        break;
      case 'member_removed':
        this.#memberRemoved(event.chat, event.user, event.member_count);
        break;
      case 'chat_renamed':
        this.#changeChat(event.chat, (chat) => ({ ...chat, name: event.name }));
        break;
      case 'chat_added':
        this.takeChat(event.details);
        break;
      case 'read_marker_moved':
        this.readMarker(event.chat, event.seq);
        break;
      case 'person_updated':
        this.addPeople([event.person]);
        break;
      default:
        break;
    }
  }

  /** Whether a change is new. If one before it is missing, that is asked for. */
  #isNext(chat: string, cseq: number): boolean {
    const applied = this.applied(chat);
    if (cseq <= applied.cseq) return false;
    if (cseq > applied.cseq + 1) {
      this.#repair.changes(chat, applied.cseq);
      return true;
    }
    this.#applied.set(chat, { ...applied, cseq });
    this.#changeChat(chat, (row) => ({ ...row, head_cseq: Math.max(row.head_cseq, cseq) }));
    return true;
  }

  #created(chat: string, message: Message): void {
    const applied = this.applied(chat);
    this.#put([message]);
    if (message.seq <= applied.seq) return;
    this.#applied.set(chat, { ...applied, seq: message.seq });
    if (message.seq > applied.seq + 1) this.#repair.messages(chat, applied.seq);
    this.#changeChat(chat, (row) => withMessage(row, message, this.me.get()?.id ?? null));
  }

  #memberChanged(chat: string, member: Member, count: number): void {
    this.addPeople([member.person]);
    this.#setMember(chat, member);
    const own = member.person.id === this.me.get()?.id;
    this.#changeChat(chat, (row) => ({ ...row, member_count: count, role: own ? member.role : row.role }));
  }

  #memberRemoved(chat: string, user: string, count: number): void {
    if (user === this.me.get()?.id) {
      this.forgetChat(chat);
      return;
    }
    this.#dropMember(chat, user);
    this.#changeChat(chat, (row) => ({ ...row, member_count: count }));
  }

  #setMember(chat: string, member: Member): void {
    const members = this.#members.get(chat);
    if (!members) return;
    const others = members.filter((held) => held.person.id !== member.person.id);
    this.setMembers(chat, [...others, member]);
  }

  #dropMember(chat: string, user: string): void {
    const members = this.#members.get(chat);
    if (members) this.setMembers(chat, members.filter((held) => held.person.id !== user));
  }

  #put(messages: readonly Message[]): void {
    const changed = messages.filter((message) => this.log(message.chat).put(message));
    for (const chat of new Set(changed.map((message) => message.chat))) {
      const version = this.logVersion.of(chat);
      version.set(version.get() + 1);
    }
    if (changed.length > 0) void this.#cache?.saveMessages(changed);
  }

  #changeChat(id: string, change: (chat: Chat) => Chat): void {
    const chat = this.#chats.get(id);
    if (chat) this.#setChat(change(chat));
  }

  #setChat(chat: Chat): void {
    this.#chats.set(chat.id, chat);
    this.chat.set(chat.id, chat);
    if (chat.role !== null) void this.#cache?.saveChat(chat);
    this.#sort();
  }

  #sort(): void {
    const mine = this.known().filter((chat) => chat.role !== null);
    this.chats.set(mine.sort(byActivity));
  }
}
