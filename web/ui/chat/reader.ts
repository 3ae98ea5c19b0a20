import { lastSeen } from '../lib/anchor';

const dwell = 1000;

/** Says how far somebody has read: what was on the screen of a focused window for a second. */
export class Reader {
  #upTo = -1;
  #told = -1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #scroller: HTMLElement | null = null;
  #isHeld = false;
  readonly #tell: (seq: number) => void;
  readonly #saw: (seq: number) => void;
  readonly #again = (): void => this.look(this.#scroller);

  /** `tell` hears what was read, `saw` at once what is looked at. */
  constructor(tell: (seq: number) => void, saw: (seq: number) => void) {
    this.#tell = tell;
    this.#saw = saw;
    addEventListener('focus', this.#again);
    document.addEventListener('visibilitychange', this.#again);
  }

  /** What is on the screen is called unread: that it is seen does not count, until the chat is opened again or answered. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#told = isHeld ? -1 : this.#told;
    this.look(this.#scroller);
  }

  look(scroller: HTMLElement | null): void {
    this.#scroller = scroller;
    if (this.#isHeld || !scroller || document.hidden || !document.hasFocus()) return this.#forget();
    const seen = lastSeen(scroller);
    if (seen <= Math.max(this.#upTo, this.#told)) return;
    this.#upTo = seen;
    this.#saw(seen);
    this.#timer ??= setTimeout(() => this.#done(), dwell);
  }

  stop(): void {
    this.#forget();
    removeEventListener('focus', this.#again);
    document.removeEventListener('visibilitychange', this.#again);
  }

  #done(): void {
    this.#timer = undefined;
    if (this.#upTo <= this.#told) return;
    this.#told = this.#upTo;
    this.#tell(this.#told);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#upTo = -1;
  }
}
