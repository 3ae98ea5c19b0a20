/** Rows of a list: from the first to the one before the last. */
export interface Range {
  from: number;
  to: number;
}

/** By so many rows at once they come and go. */
const step = 8;

/** The rows near what can be seen, of which `top` is where it begins in the list. */
export function near(top: number, height: number, row: number): Range {
  const from = Math.floor(top / row / step) * step - step;
  const to = Math.ceil((top + height) / row / step) * step + step;
  return { from: Math.max(0, from), to: Math.max(0, to) };
}

/** The numbers of the rows to draw: those of the range, and some that are needed wherever they are. */
export function drawn({ from, to }: Range, count: number, needed: readonly number[]): number[] {
  const rows = Array.from({ length: Math.max(0, Math.min(to, count) - from) }, (_, n) => from + n);
  const others = needed.filter((n, at) => n >= 0 && (n < from || n >= to) && needed.indexOf(n) === at);
  return others.length === 0 ? rows : [...rows, ...others].sort((a, b) => a - b);
}
