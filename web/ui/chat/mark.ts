import type { NewLine } from '../lib/rows';

/** What the line before new messages depends on. */
export interface Reading {
  /** The newest message of the chat. */
  head: number;
  /** How far I have read, on whatever device. */
  read: number;
  /** Whether somebody looks at this window. */
  attentive: boolean;
  /** Whether the newest message is on the screen. */
  atEnd: boolean;
  /** Whether the line is. */
  inSight: boolean;
}

/**
 * The line before what is new. It stands before the first message that was not read when one came or when one looked
 * away. Once all is read it is spent: it is drawn no more, and gives its room back when nobody sees that.
 */
export function nextLine(line: NewLine | null, { head, read, attentive, atEnd, inSight }: Reading): NewLine | null {
  if (read < head) {
    if (line && !line.spent) return line;
    return attentive && atEnd ? null : { after: read, spent: false };
  }
  if (!line || !inSight || !attentive) return null;
  return line.spent ? line : { ...line, spent: true };
}
