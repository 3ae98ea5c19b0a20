/** Icons that only the parts use which are loaded later. */
export const moreIcons = {
  bell: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4',
  compass: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM15.8 8.2l-2.3 5.3-5.3 2.3 2.3-5.3z',
  device: 'M8 3.5h8v17H8zM11.5 17.5h1',
  globe: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM3.5 12h17M12 3.5c5 5 5 12 0 17M12 3.5c-5 5-5 12 0 17',
  keyboard: 'M3 6.5h18v11H3zM7 10.5h.01M12 10.5h.01M17 10.5h.01M8 14h8',
  monitor: 'M3.5 5h17v11h-17zM9 20h6M12 16v4',
  palette: 'M12 20.5a8.5 8.5 0 1 1 8.5-8.5c0 2.5-1.5 3.5-3.5 3.5h-2c-1.5 0-2 1.5-1.3 2.5.8 1.2 0 2.5-1.7 2.5zM8 12.5v.01M9.5 8.5v.01M14.5 8.5v.01',
  plus: 'M12 5v14M5 12h14',
} as const;
