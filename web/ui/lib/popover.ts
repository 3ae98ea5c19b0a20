import { modal } from './modal';

/** Where a popover opens: beside a button, or at a point. */
export type Anchor = Element | { x: number; y: number };

const touch = matchMedia('(pointer: coarse)');

/** Opens a `<dialog>` as a modal beside its anchor; for fingers it is a sheet, whose place the styles know. */
export function beside(dialog: HTMLDialogElement, anchor: Anchor): () => void {
  const close = modal(dialog);
  if (!touch.matches) place(dialog, anchor);
  return close;
}

function place(dialog: HTMLElement, anchor: Anchor): void {
  const box = anchor instanceof Element ? anchor.getBoundingClientRect() : new DOMRect(anchor.x, anchor.y, 0, 0);
  const { offsetWidth: width, offsetHeight: height } = dialog;
  const below = box.bottom + 4;
  const top = below + height > innerHeight - 8 ? Math.max(8, box.top - height - 4) : below;
  // From where the button's line begins, unless there is no room on that side.
  const [left, right] = [box.left, box.right - width];
  const isRtl = getComputedStyle(dialog).direction === 'rtl';
  const fits = isRtl ? right >= 8 : left + width <= innerWidth - 8;
  dialog.style.top = `${top}px`;
  dialog.style.left = `${Math.min(Math.max(8, fits === isRtl ? right : left), Math.max(8, innerWidth - width - 8))}px`;
}
