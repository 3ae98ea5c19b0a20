/** What matters of a text: lines that fence code, runs of back-ticks, and runs of names between colons. */
const signs = /^ {0,3}(`{3,}|~{3,})([^\n`]*)$|`+|(?<![\p{L}\p{N}/:])(?::[a-z0-9_+-]+:)+/gmu;

/** Puts emoji where their names stand between colons. What is code stays as it is. */
export function withEmoji(text: string, emojiOf: (name: string) => string | undefined): string {
  const code = new Code(text);
  return text.replaceAll(signs, (found: string, fence: string | undefined, rest: string | undefined, at: number) => {
    if (code.takes(found, fence, rest, at)) return found;
    return found.replaceAll(/:([^:]+):/gu, (whole, name: string) => emojiOf(name) ?? whole);
  });
}

/** Whether somebody whose caret is at the end of `text` is writing code, which may not have an end yet. */
export function endsInCode(text: string): boolean {
  const code = new Code('', true);
  for (const { 0: found, 1: fence, 2: rest, index } of text.matchAll(signs)) code.takes(found, fence, rest, index);
  return code.isOpen;
}

/** Whether names are written in a text that may be those of emoji. */
export const mayHaveEmoji = (text: string): boolean => /:[a-z0-9_+-]+:/u.test(text);

/** Follows a text through its code. */
class Code {
  #fence = '';
  #ticks = '';
  /** Where each run of back-ticks stands for the last time. */
  readonly #last = new Map<string, number>();
  readonly #isUnfinished: boolean;

  constructor(text: string, isUnfinished = false) {
    this.#isUnfinished = isUnfinished;
    for (const { 0: run, index } of text.matchAll(/`+/gu)) this.#last.set(run, index);
  }

  get isOpen(): boolean {
    return this.#fence !== '' || this.#ticks !== '';
  }

  /** Takes the next sign; answers whether it is in code, or begins or ends it. */
  takes(found: string, fence: string | undefined, rest: string | undefined, at: number): boolean {
    if (this.#fence) {
      if (fence?.startsWith(this.#fence) && !rest?.trim()) this.#fence = '';
    } else if (this.#ticks) {
      if (found.trim() === this.#ticks) this.#ticks = '';
    } else if (fence) this.#fence = fence;
    else if (found.startsWith('`')) {
      if (this.#isUnfinished || (this.#last.get(found) ?? at) > at) this.#ticks = found;
    } else return false;
    return true;
  }
}
