import { hasModifier, modifier } from '../lib/platform';

export type Place = 'anywhere' | 'writing' | 'messages' | 'list';

interface Action {
  place: Place;
  /** What the sheet says; an action without words is told by another one's. */
  label?: string;
  /** Every way to press it, the first of which is shown. Parts are joined by `+`; `Mod` is the main modifier here. */
  keys: readonly string[];
}

/** Every key of the application: what acts on it, what tooltips and the sheet say all come from here. */
export const keymap = {
  switcher: { place: 'anywhere', label: 'Jump to a chat or person', keys: ['Mod+K'] },
  previousChat: { place: 'anywhere', label: 'Previous chat', keys: ['Alt+ArrowUp'] },
  nextChat: { place: 'anywhere', label: 'Next chat', keys: ['Alt+ArrowDown'] },
  previousUnread: { place: 'anywhere', label: 'Previous unread chat', keys: ['Alt+Shift+ArrowUp'] },
  nextUnread: { place: 'anywhere', label: 'Next unread chat', keys: ['Alt+Shift+ArrowDown'] },
  nextRegion: { place: 'anywhere', label: 'Next part of the window', keys: ['F6'] },
  previousRegion: { place: 'anywhere', label: 'Previous part of the window', keys: ['Shift+F6'] },
  shortcuts: { place: 'anywhere', label: 'Keyboard shortcuts', keys: ['Mod+/'] },
  leaveSettings: { place: 'anywhere', label: 'Leave the settings', keys: ['Escape'] },

  send: { place: 'writing', label: 'Send', keys: ['Enter'] },
  newLine: { place: 'writing', label: 'New line', keys: ['Shift+Enter'] },
  editLast: { place: 'writing', label: 'Edit your last message', keys: ['ArrowUp'] },
  mention: { place: 'writing', label: 'Name somebody', keys: ['@'] },
  bold: { place: 'writing', label: 'Bold', keys: ['Mod+B'] },
  italic: { place: 'writing', label: 'Italic', keys: ['Mod+I'] },
  code: { place: 'writing', label: 'Code', keys: ['Mod+E'] },
  strike: { place: 'writing', label: 'Strikethrough', keys: ['Mod+Shift+X'] },
  cancel: { place: 'writing', label: 'Leave an edit or a reply', keys: ['Escape'] },

  previousMessage: { place: 'messages', label: 'Message before', keys: ['ArrowUp', 'K'] },
  nextMessage: { place: 'messages', label: 'Message after', keys: ['ArrowDown', 'J'] },
  firstMessage: { place: 'messages', label: 'First loaded', keys: ['Home', 'G'] },
  newestMessage: { place: 'messages', label: 'Newest', keys: ['End', 'Shift+G'] },
  reply: { place: 'messages', label: 'Reply', keys: ['R'] },
  edit: { place: 'messages', label: 'Edit', keys: ['E'] },
  copy: { place: 'messages', label: 'Copy text', keys: ['C'] },
  remove: { place: 'messages', label: 'Delete', keys: ['Delete'] },
  compose: { place: 'messages', label: 'Back to writing', keys: ['Escape'] },

  previousRow: { place: 'list', label: 'Chat above', keys: ['ArrowUp'] },
  nextRow: { place: 'list', label: 'Chat below', keys: ['ArrowDown'] },
  firstRow: { place: 'list', label: 'First chat', keys: ['Home'] },
  lastRow: { place: 'list', label: 'Last chat', keys: ['End'] },
  openRow: { place: 'list', label: 'Open', keys: ['Enter'] },
} as const satisfies Record<string, Action>;

export type ActionName = keyof typeof keymap;

const all = Object.entries(keymap) as [ActionName, Action][];

/** What a key stands for in a place; null for nothing. */
export function actionOf(event: KeyboardEvent, place: Place): ActionName | null {
  return all.find(([, action]) => action.place === place && action.keys.some((keys) => isPressed(event, keys)))?.[0] ?? null;
}

function isPressed(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  const wants = (name: string): boolean => parts.includes(name);
  if (wants('Mod') ? !hasModifier(event) : event.ctrlKey || event.metaKey) return false;
  // Where a sign stands on the keyboard differs, and with it whether Shift is needed for it.
  const isSign = [...key].length === 1 && key.toLowerCase() === key.toUpperCase();
  return event.altKey === wants('Alt') && (isSign || event.shiftKey === wants('Shift')) && event.key.toLowerCase() === key.toLowerCase();
}

const signs: Record<string, string> = { Mod: modifier, ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', Delete: 'Del' };

/** The parts of one way to press something, as they stand on the keys. */
const parts = (keys: string): string[] => keys.split('+').map((part) => signs[part] ?? part);

/** The first way to press an action, for a tooltip. */
export const keysOf = (name: ActionName): string => parts(keymap[name].keys[0]).join(' ');

/** The same, as `aria-keyshortcuts` writes it. */
export const ariaKeysOf = (name: ActionName): string => keymap[name].keys[0].replace('Mod', modifier === 'Ctrl' ? 'Control' : 'Meta');

const titles: [Place, string][] = [
  ['anywhere', 'Anywhere'],
  ['writing', 'Writing'],
  ['messages', 'In the messages'],
  ['list', 'In the chat list'],
];

/** What the sheet shows: each action with all ways to press it. */
export const sheet = (): { title: string; actions: { label: string; ways: string[][] }[] }[] =>
  titles.map(([place, title]) => ({
    title,
    actions: all.flatMap(([, action]) => (action.place === place && action.label ? [{ label: action.label, ways: action.keys.map(parts) }] : [])),
  }));
