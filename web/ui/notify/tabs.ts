const leading = 'petit-notices';
const looking = (chat: string): string => `petit-looking-${chat}`;

/** Of several tabs one tells. Browsers without locks have one tab each, as far as we know. */
export class Tabs {
  isLeader = !navigator.locks;
  #stopLooking: (() => void) | null = null;

  constructor() {
    // Held until the tab closes; the next one in the row has it then.
    void navigator.locks?.request(leading, () => new Promise(() => (this.isLeader = true)));
  }

  /** Which chat somebody looks at in this tab; null for none. */
  look(chat: string | null): void {
    this.#stopLooking?.();
    this.#stopLooking = null;
    if (!chat || !navigator.locks) return;
    const until = new Promise<void>((resolve) => (this.#stopLooking = resolve));
    void navigator.locks.request(looking(chat), { mode: 'shared' }, () => until);
  }

  /** Whether somebody looks at a chat in any tab. */
  async isSeen(chat: string): Promise<boolean> {
    const held = (await navigator.locks?.query())?.held ?? [];
    return held.some(({ name }) => name === looking(chat));
  }
}
