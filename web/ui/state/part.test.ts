import { expect, test } from 'vitest';
import { part } from './part';

test('a part is loaded once, and again only if it did not come', async () => {
  let asked = 0;
  const load = part(() => ((asked += 1) === 1 ? Promise.reject(new Error('offline')) : Promise.resolve(asked)));
  await expect(load()).rejects.toThrow('offline');
  expect([await load(), await load(), asked]).toEqual([2, 2, 2]);
});

test('styles that did not come are asked for again with their part', async () => {
  const links = ['came', 'missing'].map((name) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.dataset['name'] = name;
    document.head.append(link);
    return link;
  });
  const load = part(() => Promise.resolve('here'));
  links[1]?.dispatchEvent(new Event('error'));
  expect(links.map((link) => link.isConnected)).toEqual([true, false]);
  await load();
  const now = [...document.head.querySelectorAll('link')];
  expect(now.map(({ dataset }) => dataset['name'])).toEqual(['came', 'missing']);
  expect([now[0] === links[0], now[1] === links[1]]).toEqual([true, false]);
});
