/** Stroke paths on a 24 × 24 grid. */
export const PATHS = {
  laser:
    'M4.5 19.5 13 11M16.5 3.5v3M16.5 9v3M12.2 7.8h3M17.8 7.8h3M19.5 4.7l-1.6 1.6M19.5 10.8l-1.6-1.6M13.5 4.7l1.6 1.6',
  smile:
    'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM8.2 14a4.3 4.3 0 0 0 7.6 0M9 9.5h.01M15 9.5h.01',
  left: 'M14.5 5 8 12l6.5 7',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  close: 'M6 6l12 12M18 6 6 18',
  check: 'M5 12.5 10 17.5 19.5 7',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.2.8 3.5 2.8 3.5 5.5',
  search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 20 20',
  folder: 'M3.5 18.5v-13h6l2 2.5h9v10.5z',
  list: 'M8.5 6h11.5M8.5 12h11.5M8.5 18h11.5M4 6h.01M4 12h.01M4 18h.01',
  present: 'M4 5h16v10.5H4zM12 15.5V20M8.5 20h7',
  history: 'M4 12a8 8 0 1 0 2.6-5.9L4 8.5M4 4v4.5h4.5M12 7.5V12l3 2',
} as const

/** The name of an icon. */
export type IconName = keyof typeof PATHS
