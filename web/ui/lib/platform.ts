const apple = /Mac|iPhone|iPad/u.test(navigator.platform);

/** How the main modifier is called here. */
export const modifier = apple ? '⌘' : 'Ctrl';

/** Whether the main modifier is down, and it alone beside Shift. */
export const hasModifier = (event: KeyboardEvent): boolean => (apple ? event.metaKey : event.ctrlKey) && !event.altKey;

/** Puts text on the clipboard; false when the browser does not allow it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** For pages that are not served over https, where browsers offer no clipboard. */
function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'vh';
  const host = document.querySelector('dialog[open]') ?? document.body;
  const before = document.activeElement;
  host.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}
