import type { Choosing } from './types';

/** What the store asks for when numbers show that something was missed. */
export interface Repair {
  /** Messages above `after` are missing. */
  messages(chat: string, after: number): void;
  /** Changes above the applied number are missing. */
  changes(chat: string): void;
  /** Something happened in a chat that is not known. */
  unknown(chat: string): void;
}

/** What the store asks of what is around it. */
export interface Around {
  now(): number;
  /** What was chosen here about a chat and is not told yet. */
  choosing(chat: string): readonly Choosing[];
}

/** Nothing is around, as in a test of the store alone. */
export const alone: Around = { now: () => Date.now(), choosing: () => [] };
