/** Regions of the window in the order F6 visits them. */
const regions = ['.sidebar', '.chat > .bar', '.timeline', '.inbox-list', '.composer', '.panel', '.settings > nav', '.settings > main'];

/** Moves focus to the next region that is on the screen, or the previous one. */
export function nextRegion(step: 1 | -1): void {
  const shown = regions.flatMap((selector) => [...document.querySelectorAll<HTMLElement>(selector)]).filter(visible);
  const now = shown.findIndex((region) => region.contains(document.activeElement));
  const next = shown[(now + step + shown.length) % shown.length] ?? shown[0];
  if (next) focusInside(next);
}

const visible = (element: HTMLElement): boolean => element.checkVisibility() && !element.closest('[inert]');

/** Focuses the best place in a region: its field, its current item, else its first control. */
export function focusInside(region: HTMLElement): void {
  const order = ['textarea', '[tabindex="0"]:not(.scroll)', '[aria-current]', 'a[href], button, input'];
  const found = order.map((selector) => [...region.querySelectorAll<HTMLElement>(selector)].find(visible)).find(Boolean);
  (found ?? region).focus();
}

/** Whether keys belong to a field that takes text. */
export function inField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.matches('textarea, select, [contenteditable]') || (target.matches('input') && !target.matches('[type=radio], [type=checkbox]'));
}
