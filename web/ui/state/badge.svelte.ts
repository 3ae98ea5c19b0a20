/** Marks the tab while something is unread: its title counts, its icon wears a dot. */
export function badge(get: () => { unread: number; place: string | null }): void {
  $effect(() => {
    const { unread, place } = get();
    document.title = `${unread > 0 ? `(${unread > 99 ? '99+' : unread}) ` : ''}${place ? `${place} · ` : ''}Petit chat`;
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    const href = unread > 0 ? '/icon-unread.svg' : '/icon.svg';
    if (icon && icon.getAttribute('href') !== href) icon.setAttribute('href', href);
  });
}
