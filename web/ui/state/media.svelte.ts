import { MediaQuery } from 'svelte/reactivity';

/** Room for three panes. */
export const wide = new MediaQuery('min-width: 1200px', true);
/** Room for one pane only. */
export const narrow = new MediaQuery('max-width: 719.98px', false);
/** Fingers, not a mouse. */
export const touch = new MediaQuery('pointer: coarse', false);
