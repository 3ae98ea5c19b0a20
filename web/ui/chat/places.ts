import type { Spot } from './viewport.svelte';

const most = 50;
const left = new Map<string, Spot>();

/** Where one was in this entry of the browser's history. Null is the end; undefined, if one never was here. */
export function backIn(): Spot | null | undefined {
  const { state } = history;
  return isPlaced(state) ? state.spot : undefined;
}

/** Where to begin in a chat: where one was in this entry, else where one left the chat. */
export const placeIn = (chat: string): Spot | null | undefined => {
  const back = backIn();
  return back === undefined ? left.get(chat) : back;
};

/** Keeps where one is in a chat, for the next visit. */
export function leave(chat: string, spot: Spot | null): void {
  left.delete(chat);
  if (spot) left.set(chat, spot);
  if (left.size > most) left.delete(left.keys().next().value as string);
}

/** Keeps where one is for Back and for a reload, if the page at `path` is still the one shown. */
export function notePlace(path: string, spot: Spot | null): void {
  // Each change of the history is told to the whole browser.
  if (location.pathname === path && !isSame(backIn(), spot)) history.replaceState({ ...(history.state as object | null), spot }, '');
}

const isSame = (a: Spot | null | undefined, b: Spot | null): boolean => a === b || (a != null && b !== null && a.seq === b.seq && a.below === b.below);

function isPlaced(state: unknown): state is { spot: Spot | null } {
  return typeof state === 'object' && state !== null && 'spot' in state;
}
