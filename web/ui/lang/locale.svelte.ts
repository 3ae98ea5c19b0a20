/** A language this client speaks; `pseudo` is English made long and strange and written from the right, for tests. */
export type Language = 'en' | 'fr' | 'pseudo';
/** What somebody chose. */
export type LanguageChoice = 'browser' | Language;

/** How dates and numbers are written where a browser does not say which form of the language it means. */
const homes: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR', pseudo: 'en-GB' };

let tag = $state(homes.en);

/** The locale of the words on the page: what dates, numbers and lists are written in. Read where it is drawn. */
export const locale = (): string => tag;

/** Writes dates and numbers in a language from now on, in the reader's own form of it if their browser names one. */
export function settle(language: Language): void {
  tag = formOf(language, navigator.languages);
}

const ours = /^(?:en|fr)\b/iu;

/** The reader's own form of a language: the first that their browser names with its country, else the usual one. */
export function formOf(language: Language, tags: readonly string[]): string {
  const wanted = homes[language].slice(0, 2);
  return tags.find((one) => one.length > 2 && one.toLowerCase().startsWith(`${wanted}-`)) ?? homes[language];
}

/** The language to speak: what was chosen, else the first one that a browser wants and we have. */
export function languageFor(choice: LanguageChoice, tags: readonly string[]): Language {
  if (choice !== 'browser') return choice;
  return /^fr/iu.test(tags.find((one) => ours.test(one)) ?? '') ? 'fr' : 'en';
}
