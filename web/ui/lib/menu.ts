import type { Attachment } from 'svelte/attachments';
import { beside, type Anchor } from './popover';

/** A menu as a modal dialog: arrows, Home, End and the first letter move, Tab and Esc close. */
export function menu(anchor: Anchor): Attachment<HTMLDialogElement> {
  return (dialog) => {
    const close = beside(dialog, anchor);
    items(dialog)[0]?.focus();
    const onkeydown = (event: KeyboardEvent): void => steer(dialog, event);
    dialog.addEventListener('keydown', onkeydown);
    return () => {
      dialog.removeEventListener('keydown', onkeydown);
      close();
    };
  };
}

function items(dialog: HTMLElement): HTMLElement[] {
  return [...dialog.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
}

function steer(dialog: HTMLDialogElement, event: KeyboardEvent): void {
  const all = items(dialog);
  const now = all.indexOf(document.activeElement as HTMLElement);
  const next = target(all, now, event.key);
  if (event.key === 'Tab') dialog.close();
  if (!next && event.key !== 'Tab') return;
  event.preventDefault();
  event.stopPropagation();
  next?.focus();
}

function target(all: HTMLElement[], now: number, key: string): HTMLElement | undefined {
  if (key === 'ArrowDown') return all[(now + 1) % all.length];
  if (key === 'ArrowUp') return all[(now - 1 + all.length) % all.length];
  if (key === 'Home') return all[0];
  if (key === 'End') return all.at(-1);
  if (key.length !== 1 || key === ' ') return undefined;
  const begins = (item: HTMLElement): boolean => item.textContent.trim().toLowerCase().startsWith(key.toLowerCase());
  return [...all.slice(now + 1), ...all.slice(0, now + 1)].find(begins);
}
