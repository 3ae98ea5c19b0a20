import { enMore, type MoreWords } from './en-more';
import { keep } from './forms';
import { otherMore } from './words.svelte';

/** The words of the parts that are loaded later. Only those parts may use it: it brings the English ones with it. */
export const more = (): MoreWords => otherMore() ?? enMore;

/** A time as long as this: `30 seconds`, `5 minutes`. Above a minute by its largest parts. */
export function duration(seconds: number): string {
  const parts = [
    { unit: 'hour', n: Math.floor(seconds / 3600) },
    { unit: 'minute', n: Math.floor((seconds % 3600) / 60) },
    { unit: 'second', n: seconds % 60 },
  ];
  const said = parts.filter(({ n }) => n > 0);
  return (said.length > 0 ? said : parts.slice(2)).map(({ unit, n }) => keep(unit, (tag) => new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'long' })).format(n)).join(' ');
}
