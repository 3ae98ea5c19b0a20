import { inField } from '../lib/focus';

/**
 * Whether a key belongs to an input method that is putting a word together. Safari ends the composition before it
 * tells of the key that ended it; that key has the old number 229, which nothing else says any more.
 */
export const isComposing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;

/** Whether a key makes text, or pastes it, and nothing that has focus would take it. */
export function isHomeless(event: KeyboardEvent): boolean {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  if (inField(target) || (target instanceof Element && target.closest('dialog, [role="menu"], select, .settings'))) return false;
  if ((ctrlKey || metaKey) && !altKey) return key.toLowerCase() === 'v';
  // A space scrolls a page and presses a button.
  return !altKey && ([...key].length === 1 || isComposing(event)) && key !== ' ';
}
