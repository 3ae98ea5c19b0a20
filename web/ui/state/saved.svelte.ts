import type { Message } from '../../core';

let keys = $state.raw<ReadonlySet<string>>(new Set());

/** What I saved, as it is known now. */
export const setSaved = (now: ReadonlySet<string>): void => void (keys = now);

export const isSaved = ({ chat, seq }: Message): boolean => keys.has(`${chat} ${seq}`);
