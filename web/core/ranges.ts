import type { Gap } from './types';

/** Which numbers are held: sorted stretches that neither touch nor overlap. */
export class Ranges {
  #held: Gap[] = [];

  /** Notes that everything from `from` to `to`, both included, is held. */
  add(from: number, to: number): void {
    if (to < from) return;
    let start = from;
    let end = to;
    const kept: Gap[] = [];
    for (const range of this.#held) {
      if (range.to < start - 1 || range.from > end + 1) kept.push(range);
      else {
        start = Math.min(start, range.from);
        end = Math.max(end, range.to);
      }
    }
    kept.push({ from: start, to: end });
    this.#held = kept.sort((a, b) => a.from - b.from);
  }

  has(n: number): boolean {
    return this.of(n) !== null;
  }

  /** The stretch that holds `n`. */
  of(n: number): Gap | null {
    return this.#held.find((range) => range.from <= n && n <= range.to) ?? null;
  }

  /** The stretches of `from` to `to` that are not held, in order. */
  gaps(from: number, to: number): Gap[] {
    const gaps: Gap[] = [];
    let next = from;
    for (const range of this.#held) {
      if (range.to < next) continue;
      if (range.from > to) break;
      if (range.from > next) gaps.push({ from: next, to: range.from - 1 });
      next = range.to + 1;
    }
    if (next <= to) gaps.push({ from: next, to });
    return gaps;
  }

  get all(): readonly Gap[] {
    return this.#held;
  }
}
