/**
 * Opens a `<dialog>` as a modal for as long as it is in the page. The browser keeps focus inside and makes
 * the rest inert; focus goes back to where it was, or to the composer when that place is gone.
 */
export function modal(dialog: HTMLDialogElement): () => void {
  const before = document.activeElement;
  const onclick = (event: MouseEvent): void => {
    if (event.target === dialog && outside(dialog, event)) dialog.close();
  };
  dialog.addEventListener('click', onclick);
  dialog.showModal();
  return () => {
    dialog.removeEventListener('click', onclick);
    if (dialog.open) dialog.close();
    giveBack(before);
  };
}

function outside(dialog: HTMLElement, { clientX, clientY }: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

/** Focuses what had focus before, if it is still there. */
export function giveBack(before: Element | null): void {
  queueMicrotask(() => {
    if (document.activeElement !== document.body && document.activeElement !== null) return;
    const target = before?.isConnected && before !== document.body ? before : document.querySelector('.composer textarea');
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
  });
}
