import type { Message } from '../../core';

/** Layers without an address that any part of the page may open. */
export type Layer =
  | { name: 'switcher' }
  | { name: 'shortcuts' }
  | { name: 'add-people'; chat: string }
  | { name: 'rename'; chat: string }
  | { name: 'history'; message: Message }
  | { name: 'confirm'; title: string; text: string; verb: string; action: () => Promise<void> | void };

class Shell {
  /** The layer on top of the page; one at a time. */
  layer = $state.raw<Layer | null>(null);
  /** Whether the details lie over the chat, on windows too narrow for three panes. */
  detailsOver = $state(false);

  open(layer: Layer): void {
    this.layer = layer;
  }

  close(): void {
    this.layer = null;
  }
}

export const shell = new Shell();
