import type { Client, Draft, Edit, Message } from '../../core';
import { toasts } from './notices.svelte';
import { t } from '../lang/words.svelte';
import { keysOf } from './keymap';

const nothing: Draft = { text: '', replyTo: null, edit: null, selection: [0, 0] };

/** What the composer of one chat is doing: a new message, an answer, or a change to an old one. Every key is handed to the core. */
export class Writing {
  /** Number of the message that is being answered. */
  replyTo = $state<number | null>(null);
  /** The message that is being changed. */
  editing = $state.raw<{ seq: number; before: string } | null>(null);
  /** What stands in the field. */
  text = $state('');
  /** Where the caret belongs after the text was taken over. */
  selection: [start: number, end: number] = [0, 0];

  readonly #client: Client;
  readonly #place: string;
  /** What was being written when the change was begun. */
  #under = '';
  #changed = 0;

  constructor(client: Client, place: string) {
    this.#client = client;
    this.#place = place;
    this.restore();
  }

  /** Takes over what is kept, if it is newer: from this device, or from another tab. Answers whether it was. */
  restore(): boolean {
    const { changed, record } = this.#client.draft(this.#place);
    if (changed <= this.#changed) return false;
    this.#changed = changed;
    const { text, replyTo, edit, selection } = record ?? nothing;
    this.#under = text;
    this.replyTo = replyTo;
    this.editing = edit && { seq: edit.seq, before: edit.before };
    this.text = edit ? edit.text : text;
    this.selection = selection;
    return true;
  }

  /** Whether a change was begun that would be lost by beginning another. */
  get isChanging(): boolean {
    return this.editing !== null && this.text !== this.editing.before;
  }

  reply(seq: number): void {
    if (this.isChanging) return toasts.say(t().composer.first(keysOf('cancel')));
    if (this.editing) this.cancel();
    this.replyTo = seq;
    this.#keep();
  }

  edit({ seq, text }: Pick<Message, 'seq' | 'text'>): void {
    if (this.editing?.seq === seq) return;
    if (this.isChanging) return toasts.say(t().composer.first(keysOf('cancel')));
    if (!this.editing) this.#under = this.text;
    this.editing = { seq, before: text };
    this.text = text;
    this.selection = [text.length, text.length];
    this.#keep();
  }

  /** Leaves an edit or an answer. What was written before an edit comes back. */
  cancel(): void {
    if (this.editing) {
      this.editing = null;
      this.text = this.#under;
    } else this.replyTo = null;
    this.#keep();
  }

  typed(text: string, selection: [number, number] = [text.length, text.length]): void {
    this.text = text;
    this.selection = selection;
    if (!this.editing && text.trim()) this.#client.iAmTyping(this.#place);
    this.#keep();
  }

  /** The caret went elsewhere. */
  selected(selection: [number, number]): void {
    if (selection.join() === this.selection.join() || !this.text) return;
    this.selection = selection;
    this.#keep();
  }

  /** Sends or saves. Answers whether a new message went out. */
  async submit(): Promise<boolean> {
    const text = this.text.trim();
    if (!text) return false;
    if (this.editing) {
      const { seq, before } = this.editing;
      const kept = text === before ? null : this.#client.edit(this.#place, seq, text);
      // At once: what is typed from now on is not part of the change.
      this.cancel();
      await kept;
      return false;
    }
    this.#client.send(this.#place, text, this.replyTo);
    this.sent();
    return true;
  }

  /** What was written is on its way, or will be. */
  sent(): void {
    this.text = '';
    this.replyTo = null;
    this.#keep();
  }

  #keep(): void {
    const { text, replyTo, selection } = this;
    if (!this.editing) this.#under = text;
    const edit: Edit | null = this.editing && { ...this.editing, text };
    this.#changed = this.#client.setDraft(this.#place, { text: this.#under, replyTo, edit, selection });
  }
}
