import { addRefusals } from '../lang/words.svelte';
import { addIcons } from '../primitives/icons';
import { addPainter } from './painter.svelte';
import { part } from './part';

type Edges = typeof import('../edges');
let come: (all: Edges) => void;
/** The parts that are not needed at first, once somebody asked for them: to wait for them does not. */
export const edgesHere = new Promise<Edges>((resolve) => (come = resolve));

/** The parts that are not needed at first. */
export const edges = part(async () => {
  const all = await import('../edges');
  addIcons(all.moreIcons);
  addRefusals(() => all.more().refusals);
  addPainter(all.paint);
  come(all);
  return all;
});

/** The messages of a chat are on the screen, or why they are not. */
export let chatIsShown: () => void;
const chatShown = new Promise<void>((resolve) => (chatIsShown = resolve));

/** The panel beside a chat, which may be there from the start: its messages come first. */
export const detailsPart = part(async () => {
  await chatShown;
  return (await import('../details/Details.svelte')).default;
});

/** Emoji to choose from. */
export const pickerPart = part(async () => (await import('../emoji/Picker.svelte')).default);

/** What makes Markdown of a page that is pasted. */
export const pastePart = part(() => import('../paste/paste'));

/** What is looked at first has this long to come by itself. */
const pause = 1000;

/** Loads them once it is known what is shown and nothing else is going on, so that they are there without a network too. */
export function loadEdges(ready: (part: Edges) => void): void {
  void edgesHere.then(ready);
  const load = (): void => {
    chatIsShown();
    // What does not come is asked for again when there is a network.
    for (const one of [edges, detailsPart, pickerPart, pastePart]) void one().catch(() => addEventListener('online', load, { once: true }));
  };
  setTimeout(() => ('requestIdleCallback' in globalThis ? requestIdleCallback(load, { timeout: 5000 }) : load()), pause);
}
