import UFuzzy from '@leeoniya/ufuzzy';

/** Something that can be found by typing. */
export interface Candidate {
  id: string;
  text: string;
}

/** Marked as harmless, so that it comes with who looks for something and not with the first page. */
const fuzzy = /* @__PURE__ */ new UFuzzy({ intraMode: 1, unicode: true, interSplit: "[^\\p{L}\\d']+", intraSplit: '\\p{Ll}\\p{Lu}', intraBound: '\\p{L}\\d|\\d\\p{L}|\\p{Ll}\\p{Lu}', intraChars: "[\\p{L}\\d']", intraContr: "'\\p{L}{1,2}\\b" });
const plain = (text: string): string => UFuzzy.latinize(text).toLowerCase();

/** The candidates that fit what was typed, best first. Nothing typed: all, as they came. */
export function rank<T extends Candidate>(candidates: readonly T[], typed: string, most = 20): T[] {
  const needle = plain(typed.trim());
  if (!needle) return candidates.slice(0, most);
  const haystack = candidates.map((candidate) => plain(candidate.text));
  const [found, info, order] = fuzzy.search(haystack, needle);
  if (!found) return [];
  const sorted = info && order ? order.map((at) => info.idx[at] as number) : found;
  return sorted.slice(0, most).map((at) => candidates[at] as T);
}
