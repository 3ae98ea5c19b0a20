/** The language of dates is that of the words around them, in the reader's own form if they have one. */
const locale = navigator.languages.find((one) => /^en\b/iu.test(one)) ?? 'en-GB';
const form = (options: Intl.DateTimeFormatOptions): ((date: Date) => string) => {
  const format = new Intl.DateTimeFormat(locale, options);
  // What an old copy or a newer server lacks is left out rather than thrown about.
  return (date) => (Number.isNaN(date.getTime()) ? '' : format.format(date));
};

const time = form({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const weekday = form({ weekday: 'short' });
const longWeekday = form({ weekday: 'long', day: 'numeric', month: 'long' });
const dayMonth = form({ day: 'numeric', month: 'long' });
const shortDay = form({ day: 'numeric', month: 'short' });
const shortYear = form({ day: 'numeric', month: 'short', year: 'numeric' });
const longDay = form({ day: 'numeric', month: 'long', year: 'numeric' });
const full = form({ dateStyle: 'full', timeStyle: 'short', hourCycle: 'h23' });

/** `10:21`. */
export const clock = (at: string | Date): string => time(new Date(at));

/** `Monday, 23 November 2026 at 10:21`. */
export const exact = (at: string | Date): string => full(new Date(at));

/** How many midnights lie between `at` and `now`. */
export function daysAgo(at: string | Date, now = new Date()): number {
  const midnight = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(now) - midnight(new Date(at))) / 86_400_000);
}

/** For the line between days: `Today, 23 November`. */
export function dayLine(at: string, now = new Date()): string {
  const date = new Date(at);
  const days = daysAgo(date, now);
  if (days === 0) return `Today, ${dayMonth(date)}`;
  if (days === 1) return `Yesterday, ${dayMonth(date)}`;
  return date.getFullYear() === now.getFullYear() ? longWeekday(date) : longDay(date);
}

/** For list rows: a time today, a weekday this week, else a date. */
export function brief(at: string, now = new Date()): string {
  const date = new Date(at);
  const days = daysAgo(date, now);
  if (days <= 0) return clock(date);
  if (days < 7) return weekday(date);
  return date.getFullYear() === now.getFullYear() ? shortDay(date) : shortYear(date);
}
