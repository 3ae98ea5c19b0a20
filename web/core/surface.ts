/** What the user interface may ask of the core. */
import type { ApiError } from './api';
import type { Signal } from './signal';
import type {
  Acked,
  Chat,
  ChatChange,
  Choosing,
  Composed,
  Draft,
  Edition,
  Forwarding,
  InvitationLink,
  Keeping,
  Looked,
  Member,
  MemberRole,
  Message,
  Page,
  Parting,
  Person,
  PinItem,
  Presence,
  ReactionItem,
  SavedItem,
  Receipt,
  ReceiptsTold,
  ReceiptState,
  ScheduledMessage,
  ServerInfo,
  ServerRole,
  SessionInfo,
  Setting,
  Settings,
  Task,
  TimelineView,
  Viewers,
} from './types';

/** `starting` until something can be shown; `offline` while there is no live connection. */
export type Status = 'starting' | 'online' | 'offline' | 'signed-out';

/** One open timeline: a window over a chat's messages that grows at both ends. */
export interface Timeline {
  readonly view: Signal<TimelineView>;
  /** Shows up to `most` messages before the first one shown. False when nothing came. */
  older(most?: number): Promise<boolean>;
  /** Shows up to `most` messages after the last one shown. False when nothing came. */
  newer(most?: number): Promise<boolean>;
  /** Shows the newest messages. */
  newest(): Promise<void>;
  /** Shows the messages around one. False if there is no such message. */
  jumpTo(seq: number): Promise<boolean>;
  /** Loads what a gap row stands for. */
  fill(from: number, to: number): Promise<void>;
  /** A message that another one answers, as it is now: undefined while on its way, null if there is none. */
  quoted(seq: number): Signal<Message | null | undefined>;
  /** Lets go of what is shown before `from` and after `to`. */
  trim(from: number, to: number): void;
  close(): void;
}

/** My messages that are sent later. */
export interface ScheduledMessages {
  /** Soonest first; null until they were loaded. */
  readonly list: Signal<readonly ScheduledMessage[] | null>;
  load(): Promise<void>;
  /** Asking again with the same client id is harmless. */
  add(chat: string, later: { text: string; sendAt: Date; clientId: string; replyTo: number | null }): Promise<ScheduledMessage>;
  change(id: string, to: { text?: string; sendAt?: Date }): Promise<ScheduledMessage>;
  /** Once this is answered it is never sent. */
  cancel(id: string): Promise<void>;
}

/** What I saved for myself. */
export interface SavedMessages {
  /** Newest first, as far as this device knows; null until anything is known. */
  readonly list: Signal<readonly SavedItem[] | null>;
  /** The same as `chat seq`. */
  readonly keys: Signal<ReadonlySet<string>>;
  /** Why they could not be fetched the last time; null if they were. */
  readonly failed: Signal<unknown>;
  load(): Promise<void>;
}

export interface Client {
  /** Somebody does not want to wait for the next attempt to reach the server. */
  tryNow(): void;
  /** Reads this device's copy, then connects. */
  start(): Promise<void>;
  readonly status: Signal<Status>;
  readonly me: Signal<Person | null>;

  /** My chats by last activity, newest first. */
  readonly chats: Signal<readonly Chat[]>;
  /** Their ids, which stay the same list as long as none comes, goes or moves, also to another section. */
  readonly order: Signal<readonly string[]>;
  /** How many messages are unread in all of them, as far as I want to know: not in muted or hidden ones, but for mentions. */
  readonly unread: Signal<number>;
  /** One chat: undefined while unknown, null if it does not exist or is not mine to see. */
  chat(id: string): Signal<Chat | null | undefined>;
  /** Loads more of the chat list. False when there is no more. */
  moreChats(): Promise<boolean>;
  openTimeline(chat: string, at?: number): Timeline;
  /** One message, from memory or the server; null if there is none. */
  message(chat: string, seq: number): Promise<Message | null>;
  /** The messages right above a number, as many as come with one question; without an answer those of this device. */
  messagesAfter(chat: string, seq: number): Promise<Message[]>;
  /** Messages that mention me, newest first. */
  mentions(cursor?: string | null): Promise<Page<Message>>;
  /** Earlier texts, newest first. */
  history(chat: string, seq: number): Promise<Edition[]>;

  /** Puts a message into the outbox: it shows at once and is sent once, when that is possible. */
  send(chat: string, text: string, replyTo?: number | null): void;
  /** Sends a copy of a message to a chat, with words of one's own or without, as soon as that is possible. */
  forward(to: string, what: Forwarding, text: string): void;
  /** A message as the server answers it now, which may say more than what everybody is told. */
  answered(chat: string, seq: number): Promise<Message>;
  /**
   * Takes a message back that is not sent yet: its words are in the composer of its chat again, before those that are
   * there. Without an id the newest one of the chat. False where there is none.
   */
  unsend(chat: string, clientId?: string): boolean;
  retry(chat: string, clientId: string): void;
  discard(chat: string, clientId: string): void;
  /** Changes a message, as soon as that is possible; it is shown changed at once. */
  edit(chat: string, seq: number, text: string): Promise<void>;
  /** Deletes a message, as soon as that is possible; it is shown deleted at once. */
  delete(chat: string, seq: number): Promise<void>;
  /** Reacts to a message or takes that back, as soon as that is possible; it is shown at once. */
  react(chat: string, seq: number, emoji: string, isOn: boolean): void;
  /** Chooses about a chat for myself, as soon as that is possible; it shows at once. What is not named stays. */
  choose(chat: string, change: Choosing): void;
  /** Why a reaction, a pin or a choice was not taken, the last time. */
  readonly refused: Signal<ApiError | null>;
  /** Who reacted to a message, with one emoji or with any. */
  reactors(chat: string, seq: number, emoji: string | null, cursor?: string | null): Promise<Page<ReactionItem>>;
  /** Pins a message or takes its pin away, as soon as that is possible; its message shows it at once. */
  pin(chat: string, seq: number, isOn: boolean): void;
  /** What is pinned in a chat, the newest pin first; without a connection as this device kept it. */
  pins(chat: string): Promise<PinItem[]>;
  /** The message that was the last one to be new here, or to be known as of another version. */
  readonly changed: Signal<Message | null>;
  /** All that was done here and the server has not acknowledged. */
  readonly doing: Signal<readonly Task[]>;
  /** Everything done here that waits or failed, in the order it was done. */
  readonly waiting: Signal<readonly Task[]>;
  /** Says that everything up to `seq` was seen. */
  markRead(chat: string, seq: number): void;

  /** Saves a message for myself or takes it out, as soon as that is possible; it shows at once. */
  save(chat: string, seq: number, isOn: boolean): void;
  /** What I saved, once its part is here. */
  saved(): Promise<SavedMessages>;
  /** Says that everything up to `seq` is in front of me. */
  saw(chat: string, seq: number): void;
  /** What was in front of me last; null when the server has another history than before. */
  readonly looked: Signal<Looked | null>;
  /** Says how far this device has chats and how far I saw them. False without a connection. */
  ack(chats: Record<string, Acked>): boolean;
  /** How far the members of a chat have its messages; none where they are too many. */
  receipts(chat: string): Promise<Receipt[]>;
  /** What was told last of how far somebody has messages. */
  readonly receiptsTold: Signal<ReceiptsTold | null>;
  /** Who has a message, or saw it. */
  viewers(chat: string, seq: number, state: ReceiptState, cursor?: string | null): Promise<Viewers>;

  /** My messages that are sent later, once their part is here. */
  scheduled(): Promise<ScheduledMessages>;

  /** What I set for myself, on all my devices. */
  readonly settings: Signal<Settings>;
  /** Sets something for myself, now. */
  set(setting: Setting): Promise<void>;

  /** What is being written, by place: a chat, or `chat/thread`. As of the last save, a moment ago. */
  readonly drafts: Signal<ReadonlyMap<string, Composed>>;
  /** Places whose newest words are not on this device's disk. */
  readonly unsaved: Signal<ReadonlySet<string>>;
  /** What is being written in a place, with the last key. `changed` says which of two versions is newer. */
  draft(place: string): { changed: number; record: Draft | null };
  /** Keeps what is being written; may be called at every key. Answers its `changed`. */
  setDraft(place: string, draft: Draft | null): number;
  /** Whether what is written here outlives the tab. */
  readonly keeping: Signal<Keeping>;

  createChat(kind: Chat['kind'], name: string | null, members: string[]): Promise<Chat>;
  rename(chat: string, name: string): Promise<void>;
  /** Sets a chat to something else; what is not named stays. */
  setChat(chat: string, change: ChatChange): Promise<void>;
  /** Those of my chats that are archived, by last activity, as far as this tab knows them. */
  readonly archived: Signal<readonly Chat[]>;
  /** Loads some of them; answers where they go on, null at their end. */
  moreArchived(cursor?: string | null): Promise<string | null>;
  leave(chat: string): Promise<void>;
  /** Joins an open chat. */
  join(chat: string): Promise<void>;
  openChats(prefix: string, cursor?: string | null): Promise<Page<Chat>>;

  /** Members loaded so far, by name. Asking for it loads them. */
  members(chat: string): Signal<readonly Member[]>;
  addMember(chat: string, user: string): Promise<void>;
  removeMember(chat: string, user: string): Promise<void>;
  setRole(chat: string, user: string, role: MemberRole): Promise<void>;

  /** Who has a username, if this device has heard of them. Asking loads nobody. */
  named(username: string): Signal<Person | null>;
  /** A person by id; null until they are known. Asking loads them. */
  person(id: string): Signal<Person | null>;
  searchPeople(prefix: string, cursor?: string | null): Promise<Page<Person>>;
  updateProfile(name: string): Promise<void>;

  /** Who is writing in a chat now, without me. */
  typing(chat: string): Signal<readonly string[]>;
  /** Says that I am writing; may be called at every key. */
  iAmTyping(chat: string): void;
  /** Whether somebody is here; null while unknown. */
  presence(user: string): Signal<Presence | null>;
  /** Whose presence is on the screen; replaces the earlier list. */
  watch(users: string[]): void;
  /** Which chats are open on the screen. */
  focus(chats: string[]): void;
  /** Whether somebody is in front of this tab. */
  activity(active: boolean): void;

  sessions(): Promise<SessionInfo[]>;
  revokeSession(id: string): Promise<void>;
  /** What the server is called, and whether people can be invited to it. */
  server(): Promise<ServerInfo>;
  invite(role?: ServerRole): Promise<InvitationLink>;
  /**
   * Ends the session and takes this device's copy away; what was written and not sent stays for the same person, if
   * that is asked for. Answers where to go.
   */
  signOut(keepsWords?: boolean): Promise<string>;
  /** Once signed out by somebody else: what stays here for the same person. Null if nobody was signed in here. */
  readonly parting: Parting | null;
}
