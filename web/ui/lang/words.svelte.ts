import { en, type Words } from './en';
import type { MoreWords } from './en-more';
import { languageFor, settle, type Language, type LanguageChoice } from './locale.svelte';

/** Every word of one language. English brings its later words with the parts that are loaded later. */
interface Spoken {
  language: Language;
  words: Words;
  more: MoreWords | null;
}

const english: Spoken = { language: 'en', words: en, more: null };
/** How each language is fetched; English is here already. */
const others: Record<Exclude<Language, 'en'>, () => Promise<Omit<Spoken, 'language'>>> = {
  fr: async () => {
    const { fr, frMore } = await import('./fr');
    return { words: fr, more: frMore };
  },
  pseudo: async () => {
    const { pseudo, pseudoMore } = await import('./pseudo');
    return { words: pseudo, more: pseudoMore };
  },
};

let spoken = $state.raw(english);
let wanted: Language = 'en';

/** The words of the first pages, in the language chosen. What reads them is drawn again when it changes. */
export const t = (): Words => spoken.words;

/** The language that is spoken. */
export const language = (): Language => spoken.language;

/** The later words, if they are not English: see `more.ts`. */
export const otherMore = (): MoreWords | null => spoken.more;

let rare = $state.raw<() => Readonly<Record<string, string>>>(() => ({}));

/** Why something was not done, by codes that few people meet; nothing before the later parts are here. */
export const rareRefusals = (): Readonly<Record<string, string>> => rare();

/** Those of the parts that come later, which bring them along. */
export const addRefusals = (words: typeof rare): void => void (rare = words);

/** Speaks what was chosen from now on. If its words do not come, it stays as it is. */
export async function speak(choice: LanguageChoice): Promise<void> {
  const language = languageFor(choice, navigator.languages);
  wanted = language;
  if (language !== spoken.language) {
    const words = language === 'en' ? english : await others[language]().catch(() => null);
    // Another one may have been chosen meanwhile.
    if (!words || wanted !== language) return;
    spoken = { ...words, language };
  }
  tell(language);
}

/** Says it to the browser and to what writes dates. */
function tell(language: Language): void {
  const root = document.documentElement;
  root.lang = language === 'pseudo' ? 'en' : language;
  root.dir = language === 'pseudo' ? 'rtl' : 'ltr';
  settle(language);
}
