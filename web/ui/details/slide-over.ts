import type { Attachment } from 'svelte/attachments';
import { giveBack } from '../lib/modal';

/** A panel over the page: what is under it is out of reach, Esc closes it, focus goes back afterwards. */
export function slideOver(close: () => void): Attachment<HTMLElement> {
  return (panel) => {
    const before = document.activeElement;
    const under = [...(panel.parentElement?.children ?? [])].filter((one) => one !== panel && !one.matches('.panel-scrim'));
    for (const one of under) one.toggleAttribute('inert', true);
    const onkeydown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') close();
    };
    panel.addEventListener('keydown', onkeydown);
    panel.querySelector<HTMLElement>('.bar button')?.focus();
    return () => {
      panel.removeEventListener('keydown', onkeydown);
      for (const one of under) one.toggleAttribute('inert', false);
      giveBack(before);
    };
  };
}
