/** The five tones of skin that Unicode knows, from light to dark. */
const marks = ['🏻', '🏼', '🏽', '🏾', '🏿'] as const;

/** Which tone people and hands are shown in; 0 is none. */
export type Tone = 0 | 1 | 2 | 3 | 4 | 5;
export const tones: readonly Tone[] = [0, 1, 2, 3, 4, 5];

const bases = /\p{Emoji_Modifier_Base}\uFE0F?/gu;

/** The emoji in a tone: the mark of it follows everybody who is in the picture. */
export function toned(char: string, tone: Tone): string {
  const mark = marks[tone - 1];
  return mark ? char.replaceAll(bases, (base) => base.replace('\uFE0F', '') + mark) : char;
}
