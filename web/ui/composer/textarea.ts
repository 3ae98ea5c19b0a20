import type { Edit } from './edit';

export const read = (area: HTMLTextAreaElement): Edit => ({ text: area.value, start: area.selectionStart, end: area.selectionEnd });

/**
 * Changes the text the way typing does, so that undo still works: only the part that differs is replaced.
 * `execCommand` is the one way browsers offer for that; where it is gone, the text is set and undo is lost.
 */
export function write(area: HTMLTextAreaElement, edit: Edit): void {
  area.focus();
  const [from, to, part] = difference(area.value, edit.text);
  area.setSelectionRange(from, to);
  const done = part ? document.execCommand('insertText', false, part) : from === to || document.execCommand('delete');
  if (!done || area.value !== edit.text) set(area, edit.text);
  area.setSelectionRange(edit.start, edit.end);
}

/** Replaces everything and tells whoever listens. */
export function set(area: HTMLTextAreaElement, text: string): void {
  area.value = text;
  area.dispatchEvent(new Event('input', { bubbles: true }));
}

function difference(old: string, now: string): [from: number, to: number, part: string] {
  let from = 0;
  while (from < old.length && old[from] === now[from]) from++;
  let tail = 0;
  const most = Math.min(old.length, now.length) - from;
  while (tail < most && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  return [from, old.length - tail, now.slice(from, now.length - tail)];
}
