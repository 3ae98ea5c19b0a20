const after = (now: Date, hours: number): string => new Date(now.getTime() + hours * 3_600_000).toISOString();

export const inAnHour = (now: Date): string => after(now, 1);
export const inEightHours = (now: Date): string => after(now, 8);
/** When the next working day begins for most people, by the clock on the wall. */
export const tomorrow = (now: Date): string => new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 8).toISOString();
/** As late as the server can write it: a day before the end of its calendar. */
export const never = (): string => '9999-12-30T00:00:00Z';
