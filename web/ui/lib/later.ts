import { more } from '../lang/more';
import { clock } from './time';

/** A time that is offered for sending later. */
export interface Choice {
  label: string;
  at: Date;
}

/** What people mostly mean by later: in an hour, tomorrow morning, Monday morning. */
export function choices(now: Date): Choice[] {
  const morning = (days: number): Date => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 9);
  const untilMonday = (8 - now.getDay()) % 7 || 7;
  const inAnHour = new Date(now.getTime() + 3_600_000);
  const offered = [
    { label: more().later.inAnHour, at: inAnHour },
    { label: more().later.tomorrow(clock(morning(1))), at: morning(1) },
  ];
  return untilMonday === 1 ? offered : [...offered, { label: more().later.monday(clock(morning(untilMonday))), at: morning(untilMonday) }];
}

/** A time as `<input type="datetime-local">` has it: without a zone, to the minute. */
export function local(at: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
