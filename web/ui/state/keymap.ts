import { t } from '../lang/words.svelte';
import { hasModifier, modifier } from '../lib/platform';
import { prefs } from './prefs.svelte';

export type Place = 'anywhere' | 'writing' | 'messages' | 'list' | 'inbox';

interface Action {
  place: Place;
  /** Every way to press it, the first of which is shown. Parts are joined by `+`; `Mod` is the main modifier here. */
  keys: readonly string[];
  /** The same, for those who send with another key. */
  swapped?: readonly string[];
}

/** Every key of the application: what acts on it, what tooltips and the sheet say all come from here. */
export const keymap = {
  switcher: { place: 'anywhere', keys: ['Mod+K'] },
  previousChat: { place: 'anywhere', keys: ['Alt+ArrowUp'] },
  nextChat: { place: 'anywhere', keys: ['Alt+ArrowDown'] },
  previousUnread: { place: 'anywhere', keys: ['Alt+Shift+ArrowUp'] },
  nextUnread: { place: 'anywhere', keys: ['Alt+Shift+ArrowDown'] },
  nextRegion: { place: 'anywhere', keys: ['F6'] },
  previousRegion: { place: 'anywhere', keys: ['Shift+F6'] },
  shortcuts: { place: 'anywhere', keys: ['Mod+/'] },
  leaveSettings: { place: 'anywhere', keys: ['Escape'] },

  send: { place: 'writing', keys: ['Enter'], swapped: ['Mod+Enter'] },
  newLine: { place: 'writing', keys: ['Shift+Enter'], swapped: ['Enter'] },
  undoSend: { place: 'writing', keys: ['Mod+Z'] },
  editLast: { place: 'writing', keys: ['ArrowUp'] },
  mention: { place: 'writing', keys: ['@'] },
  emoji: { place: 'writing', keys: [':'] },
  bold: { place: 'writing', keys: ['Mod+B'] },
  italic: { place: 'writing', keys: ['Mod+I'] },
  code: { place: 'writing', keys: ['Mod+E'] },
  strike: { place: 'writing', keys: ['Mod+Shift+X'] },
  cancel: { place: 'writing', keys: ['Escape'] },

  previousMessage: { place: 'messages', keys: ['ArrowUp', 'K'] },
  nextMessage: { place: 'messages', keys: ['ArrowDown', 'J'] },
  firstMessage: { place: 'messages', keys: ['Home', 'G'] },
  newestMessage: { place: 'messages', keys: ['End', 'Shift+G'] },
  reply: { place: 'messages', keys: ['R'] },
  edit: { place: 'messages', keys: ['E'] },
  react: { place: 'messages', keys: ['+', ':'] },
  unread: { place: 'messages', keys: ['U'] },
  copy: { place: 'messages', keys: ['C'] },
  pin: { place: 'messages', keys: ['P'] },
  forward: { place: 'messages', keys: ['F'] },
  save: { place: 'messages', keys: ['S'] },
  details: { place: 'messages', keys: ['I'] },
  person: { place: 'messages', keys: ['W'] },
  remove: { place: 'messages', keys: ['Delete'] },
  compose: { place: 'messages', keys: ['Escape'] },

  previousRow: { place: 'list', keys: ['ArrowUp'] },
  nextRow: { place: 'list', keys: ['ArrowDown'] },
  firstRow: { place: 'list', keys: ['Home'] },
  lastRow: { place: 'list', keys: ['End'] },
  openRow: { place: 'list', keys: ['Enter'] },
  chatMenu: { place: 'list', keys: ['Shift+F10', 'ContextMenu'] },

  previousWaiting: { place: 'inbox', keys: ['ArrowUp', 'K'] },
  nextWaiting: { place: 'inbox', keys: ['ArrowDown', 'J'] },
  openWaiting: { place: 'inbox', keys: ['Enter'] },
  readWaiting: { place: 'inbox', keys: ['E'] },
  takeOut: { place: 'inbox', keys: ['S'] },
} as const satisfies Record<string, Action>;

export type ActionName = keyof typeof keymap;

const all = Object.entries(keymap) as [ActionName, Action][];

/** The ways to press an action, as things were chosen. */
export function waysOf(name: ActionName, sends = prefs.now.sends): readonly string[] {
  const { keys, swapped }: Action = keymap[name];
  return (sends === 'mod-enter' && swapped) || keys;
}

/** What a key stands for in a place; null for nothing. */
export function actionOf(event: KeyboardEvent, place: Place): ActionName | null {
  return all.find(([name, action]) => action.place === place && waysOf(name).some((keys) => isPressed(event, keys)))?.[0] ?? null;
}

/** The parts of one way to press something. The sign that joins them may be one by itself. */
const split = (keys: string): string[] => (keys === '+' ? ['+'] : keys.split('+'));

function isPressed(event: KeyboardEvent, keys: string): boolean {
  const parts = split(keys);
  const key = parts.at(-1) ?? '';
  const wants = (name: string): boolean => parts.includes(name);
  if (wants('Mod') ? !hasModifier(event) : event.ctrlKey || event.metaKey) return false;
  // Where a sign stands on the keyboard differs, and with it whether Shift is needed for it.
  const isSign = [...key].length === 1 && key.toLowerCase() === key.toUpperCase();
  return event.altKey === wants('Alt') && (isSign || event.shiftKey === wants('Shift')) && event.key.toLowerCase() === key.toLowerCase();
}

/** What stands on a key in this language. */
function sign(part: string): string {
  const names: Record<string, string> = t().keys;
  if (part === 'Mod') return modifier === 'Ctrl' ? t().keys.Ctrl : modifier;
  return part === 'ArrowUp' ? '↑' : part === 'ArrowDown' ? '↓' : (names[part] ?? part);
}

/** The parts of one way to press something, as they stand on the keys. */
export const partsOf = (keys: string): string[] => split(keys).map(sign);

/** The first way to press an action, for a tooltip. */
export const keysOf = (name: ActionName, sends = prefs.now.sends): string => partsOf(waysOf(name, sends)[0] ?? '').join(' ');

/** The same, as `aria-keyshortcuts` writes it. */
export const ariaKeysOf = (name: ActionName): string => (waysOf(name)[0] ?? '').replace('Mod', modifier === 'Ctrl' ? 'Control' : 'Meta');
