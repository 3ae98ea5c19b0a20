/**
 * What the user interface may use of the core. The core has no DOM and no framework: it keeps what the
 * server said, repairs what was missed, sends what was written, and tells by signals what changed.
 */
export type { Signal } from './signal';
export type { Client, SavedMessages, Status, Timeline } from './surface';
export type * from './types';
export { ApiError } from './api';
export { choicesOf, countsFor, isMuted, unreadAbove } from './choices';
export { createClient } from './client';
export * as held from './held';
export { arranged, Mentions, worthReading } from './inbox';
export { isUnreadMention } from './mentions';
export { browser } from './world';
export { Pins, type Pin } from './pins';
export { Acks } from './acks';
export { Places } from './places';
export { others, reachOf, Receipts, viewersOf, type Reach } from './receipts';
export { isMine, mostKinds, reactionIn, reactionsOf } from './reactions';
export { closedFor, isAdmin, settingsOf } from './chat_settings';
export { uuid } from './id';
export { parseMarkdown, type Block, type Inline } from './markdown';
export { rank, type Candidate } from './rank';
