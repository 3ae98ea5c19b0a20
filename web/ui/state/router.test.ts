import { expect, it, vi } from 'vitest';

it('goes away only once the entries of layers are gone, for going back calls a navigation off', async () => {
  const done: string[] = [];
  vi.stubGlobal('history', { state: null, pushState: () => undefined, go: (steps: number) => done.push(`history ${steps}`) });
  vi.stubGlobal('location', { href: 'http://chat.example/settings', pathname: '/settings', search: '', assign: (address: string) => done.push(address) });
  const { router } = await import('./router.svelte');
  router.cover(() => done.push('the dialog ends'));
  router.depart('/auth/sign-in');
  expect(done).toEqual(['the dialog ends', 'history -1']);
  dispatchEvent(new Event('popstate'));
  expect(done).toEqual(['the dialog ends', 'history -1', '/auth/sign-in']);
});
