import { simple, type Emoji } from './table';

/** The emoji that fit what was typed, best first: those called so, then those that begin so, then those found by another word. */
export function findEmoji(all: readonly Emoji[], typed: string, most = 60): Emoji[] {
  const wanted = simple(typed.trim()).split(/[\s_]+/u).filter(Boolean);
  if (wanted.length === 0) return [];
  const whole = wanted.join('_');
  return all
    .flatMap((emoji) => {
      const score = scoreOf(emoji, whole, wanted);
      return score === null ? [] : { emoji, score };
    })
    .sort((a, b) => a.score - b.score)
    .slice(0, most)
    .map(({ emoji }) => emoji);
}

/** How far it is from what was typed; null if it does not fit. */
function scoreOf({ names, label, words }: Emoji, whole: string, wanted: readonly string[]): number | null {
  if (names.includes(whole)) return 0;
  const begun = names.find((name) => name.startsWith(whole));
  if (begun) return 1 + begun.length / 100;
  if (!wanted.every((part) => words.some((word) => word.startsWith(part)))) return null;
  return simple(label).startsWith(wanted[0] ?? '') ? 2 : 3;
}
