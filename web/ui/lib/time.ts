const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const longWeekday = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const dayMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long' });
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const shortYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const longDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short', hourCycle: 'h23' });

/** `10:21`. */
export const clock = (at: string | Date): string => time.format(new Date(at));

/** `Monday, 23 November 2026 at 10:21`. */
export const exact = (at: string | Date): string => full.format(new Date(at));

/** How many midnights lie between `at` and `now`. */
export function daysAgo(at: string | Date, now = new Date()): number {
  const midnight = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(now) - midnight(new Date(at))) / 86_400_000);
}

/** For the line between days: `Today, 23 November`. */
export function dayLine(at: string, now = new Date()): string {
  const date = new Date(at);
  const days = daysAgo(date, now);
  if (days === 0) return `Today, ${dayMonth.format(date)}`;
  if (days === 1) return `Yesterday, ${dayMonth.format(date)}`;
  return date.getFullYear() === now.getFullYear() ? longWeekday.format(date) : longDay.format(date);
}

/** For list rows: a time today, a weekday this week, else a date. */
export function brief(at: string, now = new Date()): string {
  const date = new Date(at);
  const days = daysAgo(date, now);
  if (days <= 0) return clock(date);
  if (days < 7) return weekday.format(date);
  return date.getFullYear() === now.getFullYear() ? shortDay.format(date) : shortYear.format(date);
}
