import { t } from '../lang/words.svelte';

/** Short messages in a corner: what happened, nothing to decide. */
class Toasts {
  shown = $state.raw<readonly (readonly [id: number, text: string])[]>([]);
  #last = 0;

  say(text: string): void {
    const id = ++this.#last;
    this.shown = [...this.shown, [id, text]];
    setTimeout(() => (this.shown = this.shown.filter(([one]) => one !== id)), 6000);
  }
}

export const toasts = new Toasts();

/** What a screen reader says without focus moving. Several at once are summed up, at most one every two seconds. */
class Announcer {
  text = $state('');
  #waiting: string[] = [];
  #busy = false;

  say(text: string): void {
    this.#waiting.push(text);
    if (!this.#busy) this.#speak();
  }

  #speak(): void {
    const { length } = this.#waiting;
    this.#busy = length > 0;
    if (!this.#busy) return;
    this.text = length === 1 ? (this.#waiting[0] ?? '') : t().counts.newMessages(length);
    this.#waiting = [];
    setTimeout(() => this.#speak(), 2000);
  }
}

export const announcer = new Announcer();
