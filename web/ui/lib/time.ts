import { keep } from '../lang/forms';
import { t } from '../lang/words.svelte';
import { prefs } from '../state/prefs.svelte';

/** Writes dates in the locale of the words around them. */
const form = (name: string, options: Intl.DateTimeFormatOptions): ((date: Date) => string) => (date) =>
  // What an old copy or a newer server lacks is left out rather than thrown about.
  Number.isNaN(date.getTime()) ? '' : keep(name, (tag) => new Intl.DateTimeFormat(tag, options)).format(date);

const weekday = form('weekday', { weekday: 'short' });
const longWeekday = form('long weekday', { weekday: 'long', day: 'numeric', month: 'long' });
const dayMonth = form('day and month', { day: 'numeric', month: 'long' });
const shortDay = form('short day', { day: 'numeric', month: 'short' });
const shortYear = form('short year', { day: 'numeric', month: 'short', year: 'numeric' });
const longDay = form('long day', { day: 'numeric', month: 'long', year: 'numeric' });

type Cycle = 'h12' | 'h23';

/** What the language does by itself. */
const usual = (): Cycle => keep('cycle', (tag): Cycle => (new Intl.DateTimeFormat(tag, { hour: 'numeric' }).resolvedOptions().hour12 ? 'h12' : 'h23'));

/** How hours are counted: as chosen, else as the language does it. */
export const hourCycle = (): Cycle => (prefs.now.hours === '12' ? 'h12' : prefs.now.hours === '24' ? 'h23' : usual());

const times: Record<Cycle, (date: Date) => string> = {
  h12: form('12 hours', { hour: 'numeric', minute: '2-digit', hourCycle: 'h12' }),
  h23: form('24 hours', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
};
const fulls: Record<Cycle, (date: Date) => string> = {
  // Spelled out: the short style writes `01:05 pm` in some languages.
  h12: form('full, 12 hours', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: 'numeric', minute: '2-digit', hourCycle: 'h12' }),
  h23: form('full, 24 hours', { dateStyle: 'full', timeStyle: 'short', hourCycle: 'h23' }),
};

/** `10:21`, or `10:21 am`. */
export const clock = (at: string | Date): string => times[hourCycle()](new Date(at));

/** The same where room is scarce and another time stands above: without the half of the day. */
export const gutterClock = (at: string | Date): string => clock(at).replace(/\s?\p{L}[\p{L}.\s]*$/u, '');

/** `Monday, 23 November 2026 at 10:21`. */
export const exact = (at: string | Date): string => fulls[hourCycle()](new Date(at));

/** How many midnights lie between `at` and `now`. */
export function daysAgo(at: string | Date, now = new Date()): number {
  const midnight = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(now) - midnight(new Date(at))) / 86_400_000);
}

/** For the line between days: `Today, 23 November`. */
export function dayLine(at: string, now = new Date()): string {
  const date = new Date(at);
  const days = daysAgo(date, now);
  if (days === 0) return t().time.today(dayMonth(date));
  if (days === 1) return t().time.yesterday(dayMonth(date));
  return capital(date.getFullYear() === now.getFullYear() ? longWeekday(date) : longDay(date));
}

/** A line begins with a capital, also where days are written small. */
const capital = (text: string): string => text.replace(/^\p{Ll}/u, (letter) => letter.toLocaleUpperCase());

/** For list rows: a time today, a weekday this week, else a date. */
export function brief(at: string, now = new Date()): string {
  const date = new Date(at);
  const days = daysAgo(date, now);
  if (days <= 0) return clock(date);
  if (days < 7) return weekday(date);
  return date.getFullYear() === now.getFullYear() ? shortDay(date) : shortYear(date);
}

/** A moment as a page writes it down: three digits of a second at most. An old copy may lack it. */
export const stamp = (at: string): string => String(at).replace(/(\.\d{3})\d+/u, '$1');
