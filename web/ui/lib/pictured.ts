/** An emoji with the signs that ask fonts for its picture, where it has a plain form too (Unicode TR 51, 1.4.3). */
export const pictured = (emoji: string): string => emoji.replaceAll(/(?=\p{Emoji})\P{Emoji_Presentation}(?![\uFE0F\p{Emoji_Modifier}])/gu, '$&\uFE0F');
