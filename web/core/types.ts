import type { components } from '../packages/api-client/schema';

type Schemas = components['schemas'];

export type Chat = Schemas['Chat'];
export type Choices = Schemas['Choices'];
export type Choosing = Schemas['UpdateChoices'];
export type ChatSettings = Schemas['ChatSettings'];
export type ChatKind = Schemas['ChatKind'];
export type ChatChange = Schemas['UpdateChat'];
export type Edition = Schemas['Edition'];
export type Forwarded = Schemas['Forwarded'];
export type InvitationLink = Schemas['InvitationLink'];
export type Member = Schemas['Member'];
export type MemberRole = Schemas['MemberRole'];
export type Message = Schemas['Message'];
export type Person = Schemas['Person'];
export type PinItem = Schemas['PinItem'];
export type Presence = Schemas['Presence'];
export type Problem = Schemas['Problem'];
export type Reaction = Schemas['Reaction'];
export type ReactionItem = Schemas['ReactionItem'];
export type SavedItem = Schemas['SavedItem'];
export type ScheduledMessage = Schemas['ScheduledMessage'];
export type ServerEvent = Schemas['Event'];
export type ServerFrame = Schemas['ServerFrame'];
export type ServerInfo = Schemas['ServerInfo'];
export type ServerRole = Schemas['ServerRole'];
export type SessionInfo = Schemas['SessionInfo'];
export type Settings = Schemas['Settings'];
export type Receipt = Schemas['Receipt'];
export type ReceiptState = Schemas['ReceiptState'];
export type ReceiptsTold = Extract<ServerEvent, { type: 'receipts' }>;
export type Viewers = Schemas['Viewers'];
export type Setting = Schemas['UpdateSettings'];
export type Changes = Schemas['Changes'];

/** A message that is looked at, with all before it. */
export interface Looked {
  chat: string;
  seq: number;
}

/** What is told the server of a chat: this device has it up to here, its person saw it up to here. */
export interface Acked {
  delivered: number;
  seen: number;
}

/** The newest numbers of a chat that are known. */
export interface Head {
  seq: number;
  cseq: number;
}

/** One page of a list and where the next begins. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

/** That a message is held by the server for some seconds before it is sent, so that it can be taken back. */
export interface Hold {
  seconds: number;
  /** What to take it back by; null until the server has it. */
  id: string | null;
  /** Until when, by this device's clock; null until the server has it. */
  until: number | null;
}

/** A message that is to be forwarded: what is shown of it, and where it is. */
export type Forwarding = Pick<Forwarded, 'author' | 'at' | 'text'> & Place;

/** Where a message is. */
export interface Place {
  chat: string;
  seq: number;
}

/** A message on its way: what the outbox holds. */
export interface Waiting {
  clientId: string;
  chat: string;
  author: string;
  text: string;
  replyTo: number | null;
  at: string;
  state: 'queued' | 'sending' | 'failed';
  /** Why it failed, as the server said it. */
  reason: string | null;
  /** The stable code of the refusal, if it failed. */
  code: string | null;
  /** Until when it waits at least, in milliseconds since 1970, after it was not taken; this tab alone knows it. */
  until?: number;
  /** The message that it forwards. */
  forward?: Forwarding;
  /** If it is held: it can be taken back as long as it has not failed. */
  hold?: Hold;
}

/** What can wait in the outbox. `held` is a message that the server has and sends by itself, `unsend` one that is taken back. */
export type TaskKind = 'message' | 'held' | 'unsend' | 'edit' | 'delete' | 'read' | 'react' | 'unreact' | 'pin' | 'unpin' | 'save' | 'unsave' | 'choose';

/** Something done here that the server has not acknowledged. `text` is what was written, if anything was, or the emoji, or what was chosen. */
export interface Task extends Waiting {
  kind: TaskKind;
  /** The message it is about; null for a new one. */
  seq: number | null;
  /** What the chat was called, for when it is gone. */
  title: string | null;
}

/** A stretch of numbers that is not on this device, both ends included. */
export interface Gap {
  from: number;
  to: number;
}

/** What the timeline of a chat is made of, in order. */
export type Item = { message: Message } | { waiting: Waiting } | { gap: Gap };

/** What one chat's timeline shows now. */
export interface TimelineView {
  items: readonly Item[];
  /** Whether the first message of the chat is in it. */
  atStart: boolean;
  /** Whether the newest message of the chat is in it. */
  atEnd: boolean;
  /** Whether anything can be shown: from memory, from this device, or from the server. */
  loaded: boolean;
  /** Whether a page is being fetched. */
  busy: boolean;
  /** Why the chat cannot be shown, if so. */
  error: unknown;
}

/** A change to a message that is being written. */
export interface Edit {
  seq: number;
  text: string;
  /** The text when the change was begun. */
  before: string;
}

/** What is being written in one place, a chat or a thread, and not sent. */
export interface Draft {
  text: string;
  replyTo: number | null;
  /** The change that is being written; `text` waits under it. */
  edit: Edit | null;
  /** Where the caret stands in what is being written, and where the selection ends. */
  selection: [start: number, end: number];
}

/** A draft as it is kept: `changed` says which of two is newer. */
export interface Composed extends Draft {
  /** What the place was called, for when it is gone. */
  title: string | null;
  changed: number;
}

/** Whether what is written here outlives the tab, and if not why. */
export type Keeping =
  | 'kept'
  /** The browser gives no storage at all. */
  | 'none'
  /** The storage is full. */
  | 'full'
  /** The storage does not take what it should. */
  | 'failing'
  /** A newer client was here: only what is written by hand is kept. */
  | 'newer'
  /** A newer client is open in another tab. */
  | 'outdated';

/** How a session ended that nobody here ended, and what of its words waits on this device for the same person. */
export interface Parting {
  unsent: number;
  drafts: number;
}
