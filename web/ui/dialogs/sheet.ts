import { more } from '../lang/more';
import { keymap, partsOf, waysOf, type ActionName, type Place } from '../state/keymap';

const places: readonly Place[] = ['anywhere', 'writing', 'messages', 'list', 'inbox'];
const names = Object.keys(keymap) as ActionName[];

/** What the sheet of keys shows: each action with all ways to press it. */
export const sheet = (): { title: string; actions: { label: string; ways: string[][] }[] }[] =>
  places.map((place) => ({
    title: more().keyboard[place],
    actions: names.filter((name) => keymap[name].place === place).map((name) => ({ label: more().actions[name], ways: waysOf(name).map(partsOf) })),
  }));
