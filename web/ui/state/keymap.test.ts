import { expect, test } from 'vitest';
import { sheet } from '../dialogs/sheet';
import { enMore } from '../lang/en-more';
import { speak } from '../lang/words.svelte';
import { actionOf, keymap, keysOf, type ActionName, type Place } from './keymap';
import { prefs } from './prefs.svelte';

const event = (init: KeyboardEventInit): KeyboardEvent => new KeyboardEvent('keydown', init);

/** The event that a way to press something makes in a browser. */
function pressed(keys: string): KeyboardEvent {
  const parts = keys === '+' ? [keys] : keys.split('+');
  const key = parts.at(-1) ?? '';
  const shiftKey = parts.includes('Shift');
  return event({ key: key.length === 1 && !shiftKey ? key.toLowerCase() : key, shiftKey, altKey: parts.includes('Alt'), ctrlKey: parts.includes('Mod') });
}

const actions = Object.entries(keymap) as [ActionName, { place: Place; keys: readonly string[] }][];

test.each(actions)('%s is what its keys stand for, and nothing else in its place is', (name, { place, keys }) => {
  for (const way of keys) expect(actionOf(pressed(way), place)).toBe(name);
});

test('a modifier more or less is another key', () => {
  expect(actionOf(event({ key: 'k', ctrlKey: true, altKey: true }), 'anywhere')).toBeNull();
  expect(actionOf(event({ key: 'k' }), 'anywhere')).toBeNull();
  expect(actionOf(event({ key: 'r', ctrlKey: true }), 'messages')).toBeNull();
  expect(actionOf(event({ key: 'Enter', shiftKey: true }), 'writing')).toBe('newLine');
});

test('a sign needs whatever Shift its keyboard needs', () => {
  expect(actionOf(event({ key: '/', ctrlKey: true }), 'anywhere')).toBe('shortcuts');
  expect(actionOf(event({ key: '/', ctrlKey: true, shiftKey: true }), 'anywhere')).toBe('shortcuts');
});

test('the sheet shows every action once, as the tooltips do', () => {
  const shown = sheet().flatMap((group) => group.actions);
  const labels = actions.map(([name]) => enMore.actions[name]);
  expect(shown.map(({ label }) => label).sort()).toEqual(labels.sort());
  expect(shown.find(({ label }) => label === 'Bold')?.ways[0]?.join(' ')).toBe(keysOf('bold'));
});

test('whoever wants Enter to begin a new line sends with the modifier', () => {
  prefs.set({ sends: 'mod-enter' });
  expect(actionOf(event({ key: 'Enter' }), 'writing')).toBe('newLine');
  expect(actionOf(event({ key: 'Enter', ctrlKey: true }), 'writing')).toBe('send');
  expect(actionOf(event({ key: 'Enter', shiftKey: true }), 'writing')).toBeNull();
  expect(keysOf('send')).toBe('Ctrl Enter');
  expect(sheet().flatMap((group) => group.actions).find(({ label }) => label === 'Send')?.ways).toEqual([['Ctrl', 'Enter']]);
  prefs.set({ sends: 'enter' });
  expect(actionOf(event({ key: 'Enter' }), 'writing')).toBe('send');
  expect(actionOf(event({ key: 'Enter', ctrlKey: true }), 'writing')).toBeNull();
});

test('keys are called as they are on the keyboards of the language', async () => {
  await speak('fr');
  expect(keysOf('newLine')).toBe('Maj Entrée');
  expect(keysOf('cancel')).toBe('Échap');
  await speak('en');
  expect(keysOf('cancel')).toBe('Esc');
});
