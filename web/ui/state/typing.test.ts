import { afterEach, expect, test } from 'vitest';
import { isComposing, isHomeless } from './typing';

afterEach(() => document.body.replaceChildren());

function pressed(target: string, init: KeyboardEventInit): KeyboardEvent {
  let at: Element = document.body;
  for (const name of target.split(' ')) {
    const child = document.createElement(name);
    at.append(child);
    at = child;
  }
  const event = new KeyboardEvent('keydown', init);
  at.dispatchEvent(event);
  return event;
}

test.each([
  ['while it lasts', { key: 'Enter', isComposing: true }],
  ['as Safari tells it, after its end', { key: 'Enter', keyCode: 229 }],
])('the Enter of a composition is known %s', (_, init) => {
  expect(isComposing(new KeyboardEvent('keydown', init))).toBe(true);
});

test.each([
  ['a letter over the page', 'main', { key: 'x' }, true],
  ['a letter over a message', 'article', { key: 'x' }, true],
  ['a letter over a button', 'button', { key: 'x' }, true],
  ['a paste', 'main', { key: 'v', ctrlKey: true }, true],
  ['a letter beyond the first plane', 'main', { key: '😀' }, true],
  ['a letter in a field', 'textarea', { key: 'x' }, false],
  ['a letter in another field', 'input', { key: 'x' }, false],
  ['a letter in a dialog', 'dialog p', { key: 'x' }, false],
  ['a space', 'main', { key: ' ' }, false],
  ['a shortcut', 'main', { key: 'a', ctrlKey: true }, false],
  ['an arrow', 'main', { key: 'ArrowUp' }, false],
])('%s: is it text without a home', (_, target, init, wanted) => {
  expect(isHomeless(pressed(target, init))).toBe(wanted);
});
