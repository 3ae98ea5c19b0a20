import type { Message, Pins } from '../../core';
import type { Anchor } from '../lib/popover';
import { router } from './router.svelte';

/** Layers without an address that any part of the page may open. */
export type Layer =
  | { name: 'switcher' }
  | { name: 'shortcuts' }
  | { name: 'waiting' }
  | { name: 'sign-out' }
  | { name: 'add-people'; chat: string }
  | { name: 'rename'; chat: string }
  | { name: 'chat-settings'; chat: string }
  | { name: 'archived' }
  | { name: 'chat-menu'; chat: string; anchor: Anchor }
  | { name: 'section'; chat: string }
  | { name: 'person'; person: string; anchor: Element }
  | { name: 'pins'; pins: Pins; jump: (seq: number) => void }
  | { name: 'history'; message: Message }
  | { name: 'forward'; message: Message }
  | { name: 'message-details'; message: Message }
  | { name: 'react'; message: Message; anchor: Anchor }
  | { name: 'reactors'; message: Message; emoji: string | null }
  | { name: 'send-later'; chat: string; text: string; replyTo: number | null; done: () => void }
  | { name: 'confirm'; title: string; text: string; verb: string; action: () => Promise<void> | void };

class Shell {
  #layer = $state.raw<Layer | null>(null);
  #detailsOver = $state(false);
  #endLayer: (() => void) | null = null;
  #endDetails: (() => void) | null = null;

  /** The layer on top of the page; one at a time. */
  get layer(): Layer | null {
    return this.#layer;
  }

  /** Whether the details lie over the chat, on windows too narrow for three panes. */
  get detailsOver(): boolean {
    return this.#detailsOver;
  }

  open(layer: Layer): void {
    this.#layer = layer;
    this.#endLayer ??= router.cover(() => this.close());
  }

  close(): void {
    this.#layer = null;
    this.#endLayer?.();
    this.#endLayer = null;
  }

  showDetails(shown: boolean): void {
    this.#detailsOver = shown;
    if (shown) this.#endDetails ??= router.cover(() => this.showDetails(false));
    else {
      this.#endDetails?.();
      this.#endDetails = null;
    }
  }
}

export const shell = new Shell();
