import { alone, type Repair } from './around';
import { settled, withChosen } from './choices';
import type { Cache } from './db';
import { Journal } from './journal';
import { ChatList } from './list';
import { MessageLog } from './log';
import { Members } from './members';
import { People } from './people';
import { afterReacting, withOwn } from './reactions';
import { merged, numberOf, withChoices, withMessage, withReadMarker, withRevision } from './reduce';
import { withSettings } from './chat_settings';
import { Family, Source } from './signal';
import type { Changes, Chat, Choices, Head, Member, Message, Person, ServerEvent, Settings } from './types';
import { recounted, withDeletion, type Told } from './unread';

type Of<Type extends ServerEvent['type']> = Extract<ServerEvent, { type: Type }>;

const nothing: Head = { seq: -1, cseq: -1 };
const unset: Settings = { undo_s: 0, receipts: true, version: 0 };

/** Everything this tab knows, brought forward by events. What comes twice is dropped by its number. */
export class Store {
  readonly me = new Source<Person | null>(null);
  readonly settings = new Source<Settings>(unset);
  readonly list = new ChatList();
  /** Those of my chats that are archived, as far as this tab knows them. */
  readonly archived = new ChatList();
  readonly chat = new Family<Chat | null | undefined>((id) => this.#chats.get(id));
  /** Counts what changed in a chat's log, so that open timelines look again. */
  readonly logVersion = new Family<number>(() => 0);
  /** The message that changed last. */
  readonly changed = new Source<Message | null>(null);
  readonly journal = new Journal();
  readonly people = new People(this.journal);
  readonly members = new Members();

  readonly #chats = new Map<string, Chat | null>();
  readonly #applied = new Map<string, Head>();
  readonly #logs = new Map<string, MessageLog>();
  readonly #repair: Repair;
  readonly #around: typeof alone;
  /** Many come at once: they are listed once. */
  #isFilling = false;

  constructor(repair: Repair, around = alone) {
    this.#repair = repair;
    this.#around = around;
  }

  /** Begins with what this device kept. Answers whether there were chats. */
  async open(cache: Cache): Promise<boolean> {
    const [chats, cursors, people, me, settings] = await Promise.all([cache.chats(), cache.cursors(), cache.people(), cache.me(), cache.kept<Settings>('settings')]);
    this.journal.open(cache);
    this.people.restore(people);
    for (const chat of chats) {
      this.#chats.set(chat.id, chat);
      this.chat.set(chat.id, chat);
      this.#applied.set(chat.id, cursors.get(chat.id) ?? nothing);
    }
    if (me) this.me.set(me);
    if (settings) this.settings.set(settings);
    this.#fill();
    return chats.length > 0;
  }

  /** Forgets everything, without touching the copy on this device. */
  clear(): void {
    this.journal.open(null);
    for (const chat of this.#chats.keys()) this.chat.set(chat, undefined);
    for (const chat of this.#logs.keys()) this.members.forget(chat);
    this.#chats.clear();
    this.#applied.clear();
    this.#logs.clear();
    this.people.clear();
    this.me.set(null);
    this.settings.set(unset);
    this.changed.set(null);
    this.#fill();
  }

  setMe(me: Person): void {
    this.me.set(me);
    this.addPeople([me]);
  }

  /** Takes what I set for myself, unless newer ones are here. */
  takeSettings(settings: Settings): void {
    if (settings.version >= this.settings.get().version) this.settings.set(settings);
  }

  addPeople(people: readonly Person[]): void {
    const fresh = this.people.add(people);
    if (fresh.length === 0) return;
    const known = new Map(fresh.map((person) => [person.id, person]));
    this.me.update((me) => (me && known.get(me.id)) ?? me);
    this.members.rename(known);
    for (const chat of this.known()) {
      const peer = chat.peer && known.get(chat.peer.id);
      if (peer) this.#setChat({ ...chat, peer });
    }
  }

  log(chat: string): MessageLog {
    let log = this.#logs.get(chat);
    if (!log) this.#logs.set(chat, (log = new MessageLog()));
    return log;
  }

  /** Chats of which messages are in memory. */
  held(): string[] {
    return [...this.#logs].flatMap(([chat, log]) => (log.size > 0 ? [chat] : []));
  }

  /** The newest numbers of a chat that were applied. */
  applied(chat: string): Head {
    return this.#applied.get(chat) ?? nothing;
  }

  known(): Chat[] {
    return [...this.#chats.values()].filter((chat) => chat !== null);
  }

  /** Takes the server's copies of chats and asks for what they show to be missing. */
  takeChats(chats: readonly Chat[]): void {
    this.#isFilling = true;
    for (const chat of chats) this.takeChat(chat);
    this.#isFilling = false;
    this.#fill();
  }

  takeChat(theirs: Chat): void {
    const { id } = theirs;
    const before = this.#applied.get(id);
    if (!before) this.#startOver(id);
    if (theirs.peer) this.addPeople([theirs.peer]);
    const ours = this.#chats.get(id);
    this.#setChat(ours ? merged(ours, theirs) : theirs);
    const seq = Math.max(before?.seq ?? -1, theirs.head_seq);
    this.#advance(id, { seq, cseq: before?.cseq ?? theirs.head_cseq });
    const last = theirs.last_message;
    // A preview does not say all of a message with reactions, or with a long text.
    if (last && !last.is_cut && !last.reactions?.length) this.#put([last]);
    this.#changeChat(id, (row) => row);
    if (before) this.#askForMissing(theirs, before);
  }

  /** The chat is not there for me. */
  forgetChat(id: string): void {
    this.#chats.set(id, null);
    this.#applied.delete(id);
    this.#logs.delete(id);
    this.members.forget(id);
    this.journal.forget(id);
    this.chat.set(id, null);
    this.list.drop(id);
    this.archived.drop(id);
  }

  /** What is held of a chat's log cannot be brought forward any more: it is fetched anew. */
  startOver(id: string): void {
    this.#applied.delete(id);
    this.logVersion.of(id).update((version) => version + 1);
  }

  /** All chats may have another history than the one that is held: they are fetched anew. */
  forgetChats(): void {
    this.settings.update((settings) => ({ ...settings, version: 0 }));
    const ids = [...this.#chats.keys()];
    for (const chat of new Set([...ids, ...this.#applied.keys(), ...this.#logs.keys()])) {
      this.journal.forget(chat);
      this.members.forget(chat);
    }
    this.#chats.clear();
    this.#applied.clear();
    this.#logs.clear();
    for (const chat of ids) this.chat.set(chat, undefined);
    this.#fill();
  }

  /** Takes messages that were fetched. */
  takeMessages(chat: string, messages: readonly Message[]): void {
    this.#put(messages);
    const newest = messages.at(-1);
    if (!newest || !this.#chats.get(chat)) return;
    const applied = this.applied(chat);
    if (newest.seq > applied.seq) this.#advance(chat, { seq: newest.seq });
    const me = this.#myId();
    this.#changeChat(chat, (row) => messages.reduce((so, one) => withMessage(withRevision(so, one, me), one, me), row));
  }

  /** Takes messages that this device kept. */
  recall(chat: string, messages: readonly Message[]): void {
    // Forgotten meanwhile, or never kept up to date.
    if (!this.#applied.has(chat)) return;
    const isNew = messages.filter((message) => this.log(chat).put(message)).length > 0;
    if (isNew) this.logVersion.of(chat).update((version) => version + 1);
  }

  /**
   * Takes what changed above the applied number. Answers whether that was all: what the server does not know any
   * more is not in it.
   */
  takeChanges(chat: string, { events, up_to_cseq }: Changes): boolean {
    const { cseq } = this.applied(chat);
    for (const event of events) this.#takeInOrder(event);
    const first = events[0] && numberOf(events[0]);
    const isWhole = first ? first.value <= cseq + 1 : up_to_cseq <= cseq;
    return isWhole || !this.#chats.get(chat);
  }

  /** Takes what choices of mine were answered. */
  chosen(chat: string, me: Choices): void {
    this.#changeChat(chat, (row) => withChoices(row, me));
  }

  /** Looks again at what was chosen here about a chat, and at the time. */
  look(chat: string): void {
    this.#changeChat(chat, (row) => row);
  }

  readMarker(chat: string, seq: number, told?: Told): void {
    this.#changeChat(chat, (row) => withReadMarker(row, seq, told));
  }

  /** Takes what a reaction of mine was answered, or told on another device: it says which of them are mine. */
  reacted(answer: Message): void {
    const held = this.log(answer.chat).get(answer.seq);
    if (!held) return;
    const message = afterReacting(held, answer);
    this.log(answer.chat).replace(message);
    this.#kept(answer.chat, [message]);
  }

  /** Brings what is known forward by one event, whichever way it came. */
  apply(event: ServerEvent): void {
    const number = numberOf(event);
    const isRepair = !number || number.n === 'seq' || !('chat' in event);
    if (!isRepair && this.#chats.get(event.chat) && number.value > this.applied(event.chat).cseq + 1) {
      // The number waits for those before it; what there is to see needs not.
      this.#repair.changes(event.chat);
      return this.#take(event);
    }
    this.#takeInOrder(event);
  }

  /** The same for an event of which nothing before it is missing, or known to be. */
  #takeInOrder(event: ServerEvent): void {
    const number = numberOf(event);
    if (number?.n === 'cseq' && 'chat' in event) {
      if (number.value <= this.applied(event.chat).cseq) return;
      if (this.#chats.get(event.chat)) this.#changed(event.chat, number.value, event);
    }
    this.#take(event);
  }

  #take(event: ServerEvent): void {
    if (!this.#isKnown(event)) return;
    switch (event.type) {
      case 'message_created':
        return this.#created(event);
      case 'message_edited':
      case 'message_deleted':
      case 'message_changed':
        return this.#revised(event.chat, event.message);
      case 'reacted':
        return this.reacted(event.message);
      case 'member_changed':
        return this.#joined(event.chat, event.member, event.member_count);
      case 'member_removed':
        return this.#left(event);
      case 'chat_renamed':
        return this.#changeChat(event.chat, (chat) => ({ ...chat, name: event.name }));
      case 'chat_changed':
        return this.#changeChat(event.chat, (chat) => withSettings(chat, event.settings));
      case 'chat_added':
        return this.takeChat(event.details);
      case 'read_marker_moved':
        return this.readMarker(event.chat, event.seq, event);
      case 'choices_changed':
        return this.#changeChat(event.chat, (chat) => withChoices(chat, event.me, event));
      case 'settings_changed':
        return this.takeSettings(event.settings);
      case 'person_updated':
        return this.addPeople([event.person]);
      default:
        // A newer server tells more than this client shows; the number is known all the same.
        return this.#count(event);
    }
  }

  /** A message that a newer server tells of in its own way: where it is, something is to be fetched. */
  #count(event: ServerEvent): void {
    const number = numberOf(event);
    if (number?.n !== 'seq' || !('chat' in event)) return;
    const { seq } = this.applied(event.chat);
    if (number.value <= seq) return;
    this.#advance(event.chat, { seq: number.value });
    this.#repair.messages(event.chat, seq);
  }

  /** Whether an event is about something that is held. */
  #isKnown(event: ServerEvent): boolean {
    if (!('chat' in event) || event.type === 'chat_added') return true;
    const chat = this.#chats.get(event.chat);
    if (chat === undefined && numberOf(event)?.n === 'seq') this.#repair.unknown(event.chat);
    return Boolean(chat);
  }

  /** What was held of a chat that was not kept up to date may not be trusted. */
  #startOver(id: string): void {
    this.log(id).keepOnly([]);
    this.journal.forget(id);
  }

  #askForMissing({ id, head_seq, head_cseq }: Chat, before: Head): void {
    if (head_seq > before.seq && this.log(id).size > 0) this.#repair.messages(id, before.seq);
    if (head_cseq > before.cseq) this.#repair.changes(id);
  }

  #created({ chat, message }: Of<'message_created'>): void {
    const { seq } = this.applied(chat);
    this.#put([message]);
    if (message.seq <= seq) return;
    this.#advance(chat, { seq: message.seq });
    if (message.seq > seq + 1) this.#repair.messages(chat, seq);
    const now = this.log(chat).get(message.seq) ?? message;
    this.#changeChat(chat, (row) => withMessage(row, now, this.#myId()));
  }

  #revised(chat: string, message: Message): void {
    const held = this.log(chat).get(message.seq);
    this.#put([message]);
    this.#changeChat(chat, (row) => withRevision(row, message, this.#myId(), held));
  }

  #joined(chat: string, member: Member, count: number): void {
    this.addPeople([member.person]);
    this.members.put(chat, member);
    const isMe = member.person.id === this.#myId();
    this.#changeChat(chat, (row) => ({ ...row, member_count: count, role: isMe ? member.role : row.role }));
  }

  #left({ chat, user, member_count }: Of<'member_removed'>): void {
    if (user === this.#myId()) return this.forgetChat(chat);
    this.members.remove(chat, user);
    this.#changeChat(chat, (row) => ({ ...row, member_count }));
  }

  #put(messages: readonly Message[]): void {
    const me = this.#myId();
    const told = messages.map((message) => withOwn(message, this.log(message.chat).get(message.seq), me));
    const changed = told.filter((message) => this.log(message.chat).put(message));
    for (const message of changed) this.changed.set(message);
    for (const id of new Set(changed.map((message) => message.chat))) {
      this.#kept(id, changed.filter((message) => message.chat === id));
    }
  }

  /** Messages of a chat are held that were not. */
  #kept(id: string, messages: readonly Message[]): void {
    this.logVersion.of(id).update((version) => version + 1);
    this.#changeChat(id, (row) => row);
    const chat = this.#chats.get(id);
    const head = Math.max(chat?.head_seq ?? -1, this.applied(id).seq);
    // Only of my own chats do changes arrive, so only their messages can be kept.
    if (chat && chat.role !== null) this.journal.messages(messages, head);
  }

  #changed(chat: string, cseq: number, event: ServerEvent): void {
    this.#advance(chat, { cseq });
    // Of a deleted message earlier changes tell the same: only its own takes it out.
    const gone = event.type === 'message_deleted' && event.message.cseq === cseq ? event.message : null;
    this.#changeChat(chat, (row) => {
      if (cseq <= row.head_cseq) return row;
      return { ...(gone ? withDeletion(row, gone) : row), head_cseq: cseq };
    });
  }

  #advance(chat: string, to: Partial<Head>): void {
    const head = { ...this.applied(chat), ...to };
    this.#applied.set(chat, head);
    if (this.#chats.get(chat)?.role != null) this.journal.cursor(chat, head);
  }

  #changeChat(id: string, change: (chat: Chat) => Chat): void {
    const chat = this.#chats.get(id);
    const next = chat && recounted(this.#settled(change(chat)), this.log(id), this.#myId());
    if (next && next !== chat) this.#setChat(next);
  }

  #settled(chat: Chat): Chat {
    const chosen = this.#around.choosing(chat.id).reduce(withChosen, chat);
    return settled(chosen, this.#around.now());
  }

  #setChat(chat: Chat): void {
    const was = this.#chats.get(chat.id);
    this.#chats.set(chat.id, chat);
    const until = chat.me?.muted_until;
    if (until && until !== was?.me?.muted_until) this.#lookAt(chat.id, until);
    this.chat.set(chat.id, chat);
    if (chat.role !== null) this.journal.chat(chat);
    else if (was?.role) this.journal.forget(chat.id);
    if (this.#isFilling) return;
    for (const list of [this.list, this.archived]) {
      if (chat.role !== null && Boolean(chat.archived) === (list === this.archived)) list.put(chat);
      else list.drop(chat.id);
    }
  }

  /** A mute is over by itself. No page is open for longer than a timer runs; if one is, the chat's next message says it. */
  #lookAt(id: string, until: string): void {
    const left = Date.parse(until) - this.#around.now();
    if (left < 2 ** 31) setTimeout(() => this.look(id), left);
  }

  #fill(): void {
    const mine = this.known().filter((chat) => chat.role !== null);
    this.list.fill(mine.filter(({ archived }) => !archived));
    this.archived.fill(mine.filter(({ archived }) => archived));
  }

  #myId(): string | null {
    return this.me.get()?.id ?? null;
  }
}
