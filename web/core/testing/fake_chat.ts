import { settled, unreadAbove, withChosen } from '../choices';
import { asNew } from '../chat_settings';
import { previewOf } from '../reduce';
import type { Changes, Chat, ChatSettings, Choices, Choosing, Head, Member, Message, Person, ServerEvent } from '../types';

interface Change {
  cseq: number;
  message?: number;
  member?: string;
  isSetting?: boolean;
  /** Something this server knows of and the client does not. */
  newer?: object;
}

/** One chat as a server keeps it: a dense log of messages and one of changes. */
export class FakeChat {
  readonly id: string;
  readonly messages: Message[] = [];
  /** What was written, by whom, in order, whatever became of it. */
  readonly written: { author: string; text: string }[] = [];
  /** Numbers of what is pinned and who did it, the newest first. */
  pins: [seq: number, by: string][] = [];
  readonly members = new Map<string, Member>();
  readonly #read = new Map<string, number>();
  readonly #chosen = new Map<string, Choices>();
  readonly #changes: Change[] = [];
  readonly #publish: (event: ServerEvent, to: string[]) => void;
  #name: string;
  settings = asNew;
  #forgotten = -1;
  #clock: () => number;

  constructor(id: string, name: string, clock: () => number, publish: (event: ServerEvent, to: string[]) => void) {
    this.id = id;
    this.#name = name;
    this.#clock = clock;
    this.#publish = publish;
  }

  get head(): Head {
    return { seq: this.messages.length - 1, cseq: this.#changes.length - 1 };
  }

  /** Copies everything but what was ever written; what is answered brings it back as it was. */
  backUp(): () => void {
    const [messages, changes] = [structuredClone(this.messages), structuredClone(this.#changes)];
    const [members, read, name] = [new Map(this.members), new Map(this.#read), this.#name];
    return () => {
      this.messages.splice(0, Infinity, ...messages);
      this.#changes.splice(0, Infinity, ...changes);
      for (const [now, then] of [[this.members, members] as const, [this.#read, read] as const]) {
        now.clear();
        for (const [key, value] of then) (now as Map<string, unknown>).set(key, value);
      }
      this.#name = name;
    };
  }

  /** Changes up to this number are not known any more. */
  forgetChanges(upTo: number): void {
    this.#forgotten = upTo;
  }

  send(author: string, text: string, client_id: string, over: Partial<Message> = {}): Message {
    const taken = this.messages.find((one) => one.author === author && one.client_id === client_id);
    if (taken) return taken;
    const seq = this.messages.length;
    const base = { id: `${this.id}-${seq}`, chat: this.id, seq, cseq: this.head.cseq, author, kind: 'text' as const, text, client_id };
    const rest = { created_at: this.#now(seq), edited_at: null, deleted: false, reply_to: null, subject: null, reactions: [] };
    const isText = (over.kind ?? 'text') === 'text';
    const counted = (this.messages.at(-1)?.counted ?? 0) + Number(isText);
    const message: Message = { ...base, ...rest, counted, ...over };
    this.messages.push(message);
    if (isText) {
      this.written.push({ author, text });
      this.#read.set(author, seq);
    }
    this.#tell({ type: 'message_created', ...this.#at(), message });
    return message;
  }

  edit(seq: number, text: string): Message {
    const changed = { ...this.#message(seq), text, edited_at: this.#now(seq) };
    return this.#revise('message_edited', changed);
  }

  delete(seq: number): Message {
    return this.#revise('message_deleted', { ...this.#message(seq), text: '', deleted: true });
  }

  pin(seq: number, by: string, isOn: boolean): Message {
    const { pinned, ...rest } = this.#message(seq);
    if (Boolean(pinned) === isOn) return this.#message(seq);
    const others = this.pins.filter(([other]) => other !== seq);
    this.pins = isOn ? [[seq, by], ...others] : others;
    return this.#revise('message_changed', isOn ? { ...rest, pinned: true } : rest);
  }

  rename(name: string): void {
    this.#name = name;
    this.#changes.push({ cseq: this.#changes.length });
    this.#tell({ type: 'chat_renamed', ...this.#at(), name });
  }

  set(some: Partial<ChatSettings>): void {
    const settings = { ...asNew, ...some };
    this.settings = settings;
    this.#changes.push({ cseq: this.#changes.length, isSetting: true });
    this.#tell({ type: 'chat_changed', ...this.#at(), settings });
  }

  join(person: Person, role: Member['role'] = 'member'): void {
    const isNew = !this.members.has(person.id);
    const member = { person, role, joined_at: this.#now(0) };
    this.members.set(person.id, member);
    if (isNew) this.#read.set(person.id, this.head.seq);
    this.#changes.push({ cseq: this.#changes.length, member: person.id });
    if (isNew) this.#publish({ type: 'chat_added', ...this.#at(), details: this.as(person.id) }, [person.id]);
    this.#tell({ type: 'member_changed', ...this.#at(), member, member_count: this.members.size });
  }

  remove(user: string): void {
    const to = [...this.members.keys()];
    this.members.delete(user);
    this.#changes.push({ cseq: this.#changes.length, member: user });
    this.#publish({ type: 'member_removed', ...this.#at(), user, member_count: this.members.size }, to);
  }

  mark(user: string, seq: number): { seq: number; unread: number; mentions: number } {
    const marked = Math.max(this.#read.get(user) ?? -1, Math.min(seq, this.head.seq));
    this.#read.set(user, marked);
    const marker = { seq: marked, unread: this.unread(marked), mentions: 0 };
    this.#publish({ type: 'read_marker_moved', chat: this.id, ...marker, counted: this.messages.at(-1)?.counted ?? 0 }, [user]);
    return marker;
  }

  choose(user: string, change: Choosing): Choices {
    const row = this.as(user);
    const chosen = withChosen(row, { hidden_seq: this.head.seq, marked_seq: row.read_seq, ...change });
    this.#chosen.set(user, { ...chosen.me, version: (row.me?.version ?? 0) + 1 });
    const { me = { version: 0 }, read_seq, unread, mentions } = this.as(user);
    this.#publish({ type: 'choices_changed', chat: this.id, me, read_seq, unread, mentions, counted: this.messages.at(-1)?.counted ?? 0 }, [user]);
    return me;
  }

  /** How many messages above a marker somebody wrote and nobody deleted. */
  unread(marker: number): number {
    return this.messages.filter((one) => one.seq > marker && !one.deleted && one.kind === 'text').length;
  }

  /** A change that only a newer server knows. */
  invent(): void {
    const newer = { type: 'chat_pinned', by: 'bo', pins: [1, 2] };
    this.#changes.push({ cseq: this.#changes.length, newer });
    this.#tell({ ...newer, ...this.#at(), n: 'cseq' } as unknown as ServerEvent);
  }

  /** One event for each change, as things are now. */
  changes(after: number, limit: number): Changes {
    const first = Math.max(after, this.#forgotten) + 1;
    const some = this.#changes.slice(first, first + limit);
    return {
      events: some.map((change) => this.#fresh(change)),
      up_to_cseq: some.at(-1)?.cseq ?? this.head.cseq,
      head_cseq: this.head.cseq,
    };
  }

  #fresh({ cseq, message, member, newer, isSetting }: Change): ServerEvent {
    const at = { chat: this.id, seq: this.head.seq, cseq, n: 'cseq' as const };
    if (newer) return { ...newer, ...at } as unknown as ServerEvent;
    if (message !== undefined) {
      const now = this.#message(message);
      return { type: now.deleted ? 'message_deleted' : 'message_edited', ...at, seq: message, message: now };
    }
    if (isSetting) return { type: 'chat_changed', ...at, settings: this.settings };
    if (member === undefined) return { type: 'chat_renamed', ...at, name: this.#name };
    const known = this.members.get(member);
    const member_count = this.members.size;
    return known ? { type: 'member_changed', ...at, member: known, member_count } : { type: 'member_removed', ...at, user: member, member_count };
  }

  /** The chat as one person sees it. */
  as(user: string): Chat {
    const read_seq = this.#read.get(user) ?? this.head.seq;
    const last = this.messages.at(-1) ?? null;
    const me = this.#chosen.get(user);
    const row = {
      id: this.id,
      kind: 'group' as const,
      name: this.#name,
      peer: null,
      role: this.members.get(user)?.role ?? null,
      member_count: this.members.size,
      head_seq: this.head.seq,
      head_cseq: this.head.cseq,
      read_seq,
      unread: this.unread(read_seq),
      mentions: 0,
      created_at: this.#now(0),
      last_message_at: last?.created_at ?? this.#now(0),
      last_message: last && previewOf(last),
      ...this.settings,
    };
    const chat = settled(me ? { ...row, me } : row, this.#clock());
    return { ...chat, unread: this.unread(unreadAbove(chat)) };
  }

  #revise(type: 'message_edited' | 'message_deleted' | 'message_changed', message: Message): Message {
    const cseq = this.#changes.length;
    this.#changes.push({ cseq, message: message.seq });
    const revised = { ...message, cseq };
    this.messages[message.seq] = revised;
    this.#tell({ type, ...this.#at(), seq: message.seq, message: revised });
    return revised;
  }

  #message(seq: number): Message {
    const message = this.messages[seq];
    if (!message) throw new Error(`no message ${seq}`);
    return message;
  }

  #tell(event: ServerEvent): void {
    this.#publish(event, [...this.members.keys()]);
  }

  #at(): { chat: string; seq: number; cseq: number } {
    return { chat: this.id, ...this.head };
  }

  #now(seq: number): string {
    return new Date(this.#clock() + seq).toISOString();
  }
}
