import { enMore, type MoreWords } from './en-more';
import { otherMore } from './words.svelte';

/** The words of the parts that are loaded later. Only those parts may use it: it brings the English ones with it. */
export const more = (): MoreWords => otherMore() ?? enMore;
