import type { Tone } from '../emoji/tone';
import type { LanguageChoice } from '../lang/locale.svelte';

/** Choices of this device: how it looks and speaks. Kept in this browser only. */
export interface Prefs {
  theme: 'system' | 'light' | 'dark';
  density: 'cozy' | 'compact';
  accent: 'petrol' | 'blue' | 'violet' | 'green' | 'rose';
  /** In which language it speaks. */
  language: LanguageChoice;
  /** How hours are counted: as the language does it, or by 12 or 24. */
  hours: 'language' | '12' | '24';
  /** How large text is, beside what the browser is set to. */
  text: 'small' | 'normal' | 'large' | 'larger';
  /** What sends a message; the other one begins a new line. */
  sends: 'enter' | 'mod-enter';
  /** Whether the details panel stays open beside the chat on wide screens. */
  details: boolean;
  /** Whether single letters act in the message list. */
  letters: boolean;
  /** The tone of skin in which emoji are written. */
  tone: Tone;
  /** Whether the system shows a notice of what is written to one elsewhere, and what was written in it. */
  notices: boolean;
  previews: boolean;
  /** Whether a sound tells of it. */
  sound: boolean;
  /** Whether the list shows only chats with something unread. */
  unreadOnly: boolean;
  /** Sections of the list that are folded, by their keys. */
  folded: readonly string[];
}

const key = 'petit-prefs';
const usual: Prefs = { theme: 'system', density: 'cozy', accent: 'petrol', language: 'browser', hours: 'language', text: 'normal', sends: 'enter', details: true, letters: true, tone: 0, notices: false, previews: true, sound: false, unreadOnly: false, folded: [] };

class PrefsState {
  #now = $state.raw<Prefs>(load());

  constructor() {
    apply(this.#now);
    addEventListener('storage', (event) => {
      if (event.key === key) apply((this.#now = load()));
    });
  }

  get now(): Prefs {
    return this.#now;
  }

  set(change: Partial<Prefs>): void {
    this.#now = { ...this.#now, ...change };
    apply(this.#now);
    try {
      localStorage.setItem(key, JSON.stringify(this.#now));
    } catch {
      // Storage may be full or forbidden; the choice then lasts until the tab is closed.
    }
  }
}

function load(): Prefs {
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Prefs>) };
  } catch {
    return usual;
  }
}

function apply({ theme, density, accent, text }: Prefs): void {
  const root = document.documentElement;
  root.classList.toggle('theme-light', theme === 'light');
  root.classList.toggle('theme-dark', theme === 'dark');
  root.dataset.density = density;
  root.dataset.accent = accent;
  root.dataset.text = text;
}

export const prefs = new PrefsState();

/** Whether the page is dark now, whoever decided it. */
export function isDark(): boolean {
  const { theme } = prefs.now;
  return theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
}
