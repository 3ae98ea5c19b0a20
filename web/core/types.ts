import type { components } from '../packages/api-client/schema';

type Schemas = components['schemas'];

export type Chat = Schemas['Chat'];
export type ChatKind = Schemas['ChatKind'];
export type Edition = Schemas['Edition'];
export type InvitationLink = Schemas['InvitationLink'];
export type Member = Schemas['Member'];
export type MemberRole = Schemas['MemberRole'];
export type Message = Schemas['Message'];
export type Person = Schemas['Person'];
export type Presence = Schemas['Presence'];
export type Problem = Schemas['Problem'];
export type ScheduledMessage = Schemas['ScheduledMessage'];
export type ServerEvent = Schemas['Event'];
export type ServerFrame = Schemas['ServerFrame'];
export type ServerRole = Schemas['ServerRole'];
export type SessionInfo = Schemas['SessionInfo'];
export type Changes = Schemas['Changes'];

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
  error: string | null;
}

/** What is being written and not sent. */
export interface Draft {
  text: string;
  replyTo: number | null;
}
