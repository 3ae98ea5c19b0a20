import type { moreIcons } from './icons-more';

/** Line icons on a 24 grid: one path each, stroked with the current colour. */
const first = {
  alert: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V13M12 16.3v.01',
  'arrow-down': 'M12 5v14M6 13l6 6 6-6',
  'bell-off': 'M6.5 9.5V16.5L5 18h13M9 5.8A6 6 0 0 1 18 11v3.5M10 20.5h4M4 4l16 16',
  bold: 'M7.5 5h5.5a3.4 3.4 0 0 1 0 6.8H7.5zM7.5 11.8h6.3a3.6 3.6 0 0 1 0 7.2H7.5z',
  bookmark: 'M7 4h10v16.5l-5-4-5 4z',
  check: 'M5 12.5 10 17.5 19.5 7',
  clock: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V12l3 2',
  'cloud-off': 'M7 17.5a4 4 0 0 1-.6-7.9M9.6 6.3A5.5 5.5 0 0 1 17.4 10 3.8 3.8 0 0 1 20 15.9M4 4l16 16M10.5 17.5h6',
  code: 'M8.5 7 3.5 12l5 5M15.5 7l5 5-5 5',
  compose: 'M12 5H7a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-5M10 14l.5-3L18 3.5 20.5 6 13 13.5z',
  copy: 'M9 9h11v11H9zM5.5 15H4V4h11v1.5',
  door: 'M13.5 4.5H18a1.5 1.5 0 0 1 1.5 1.5v12a1.5 1.5 0 0 1-1.5 1.5h-4.5M9 16l-4-4 4-4M5 12h9.5',
  down: 'M6.5 9.5 12 15l5.5-5.5',
  draft: 'M4.5 19.5l1-4.5L16 4.5 19.5 8 9 18.5zM13.5 7l3.5 3.5',
  filter: 'M4 7h16M7 12h10M10 17h4',
  hash: 'M9.5 4 7.5 20M16.5 4l-2 16M4.5 9h15.5M4 15h15.5',
  inbox: 'M4 13.5 6.5 5h11L20 13.5V18a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 18zM4 13.5h4.5l1.5 2.5h4l1.5-2.5H20',
  italic: 'M10 5h7M7 19h7M14 5l-4 14',
  left: 'M14.5 5.5 8 12l6.5 6.5',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1',
  list: 'M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01',
  lock: 'M6 10.5h12v9.5H6zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5',
  more: 'M5.3 12a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0M11.3 12a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0M17.3 12a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0',
  panel: 'M4 5.5h16v13H4zM14.5 5.5v13',
  pin: 'M9 4h6l-.8 6 3.3 3.5h-11L9.8 10zM12 13.5V20',
  quote: 'M5 5v14M9.5 8H19M9.5 12H19M9.5 16h6',
  reply: 'M9.5 6 4.5 11l5 5M4.5 11H14a5.5 5.5 0 0 1 5.5 5.5V18',
  retry: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3M19.5 4v4h-4',
  right: 'M9.5 5.5 16 12l-6.5 6.5',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.2 15.2 20 20',
  send: 'M4.5 12 4 4.5 20.5 12 4 19.5zM4.5 12H12',
  smile: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM8.5 14c1.8 2.4 5.2 2.4 7 0M9.3 9.5v.6M14.7 9.5v.6',
  strike: 'M5 12h14M16.5 8c-.3-2-2-3-4.5-3S7.5 6.2 7.5 8.3M7.5 15.5c.2 2.2 2 3.5 4.5 3.5s4.7-1.2 4.7-3.5',
  theme: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 3.5v17M12 8l5.5-2M12 12h8.5M12 16l5.5 2',
  thread: 'M5 4.5h14v10.5h-7.5L7.5 19v-4H5zM8.5 8.5h7M8.5 11.5h4',
  trash: 'M4.5 6.5h15M9.5 6.5V4.5h5v2M6.5 6.5l.8 13h9.4l.8-13M10 10.5v5.5M14 10.5v5.5',
  tune: 'M4 8h8M18 8h2M4 16h2M12 16h8M15 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM9 18.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  user: 'M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c0-4 3-6 7.5-6s7.5 2 7.5 6',
  'user-plus': 'M10 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3.5 19.5c0-3.5 2.7-5.5 6.5-5.5 2 0 3.7.5 4.9 1.5M18.5 14v6M15.5 17h6',
  x: 'M6 6l12 12M18 6 6 18',
} as const;

export type IconName = keyof typeof first | keyof typeof moreIcons;

export const icons: Partial<Record<IconName, string>> = { ...first };

/** Those of the parts that come later, which bring them along. */
export const addIcons = (more: typeof moreIcons): void => void Object.assign(icons, more);
