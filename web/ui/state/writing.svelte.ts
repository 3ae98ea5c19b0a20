import type { Client, Message } from '../../core';

/** What the composer of one chat is doing: a new message, an answer, or a change to an old one. */
export class Writing {
  /** Number of the message that is being answered. */
  replyTo = $state<number | null>(null);
  /** The message that is being changed. */
  editing = $state.raw<Message | null>(null);
  /** What stands in the field. */
  text = $state('');

  readonly #client: Client;
  readonly #chat: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether anything was done here. Until then the kept draft may still arrive from this device. */
  #touched = false;

  constructor(client: Client, chat: string) {
    this.#client = client;
    this.#chat = chat;
    this.restore();
  }

  /** Takes over the kept draft, unless somebody has begun to write. */
  restore(): void {
    if (this.#touched) return;
    const draft = this.#client.drafts.get().get(this.#chat);
    this.text = draft?.text ?? '';
    this.replyTo = draft?.replyTo ?? null;
  }

  reply(seq: number): void {
    if (this.editing) this.cancel();
    this.#touched = true;
    this.replyTo = seq;
    this.#keep();
  }

  edit(message: Message): void {
    this.flush();
    this.editing = message;
    this.text = message.text;
  }

  /** Leaves an edit or an answer. What was written before an edit comes back. */
  cancel(): void {
    if (this.editing) {
      this.editing = null;
      this.#touched = false;
      this.restore();
    } else {
      this.replyTo = null;
      this.#keep();
    }
  }

  typed(text: string): void {
    this.text = text;
    this.#touched = true;
    if (this.editing) return;
    if (text.trim()) this.#client.iAmTyping(this.#chat);
    this.#keep();
  }

  /** Sends or saves. Answers whether a new message went out. */
  async submit(): Promise<boolean> {
    const text = this.text.trim();
    if (!text) return false;
    if (this.editing) {
      const { seq, text: before } = this.editing;
      if (text !== before) await this.#client.edit(this.#chat, seq, text);
      this.cancel();
      return false;
    }
    this.#touched = true;
    this.#client.send(this.#chat, text, this.replyTo);
    this.text = '';
    this.replyTo = null;
    this.flush();
    return true;
  }

  /** Saves the draft now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.editing || !this.#touched) return;
    const empty = !this.text.trim() && this.replyTo === null;
    this.#client.setDraft(this.#chat, empty ? null : { text: this.text, replyTo: this.replyTo });
  }

  #keep(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), 400);
  }
}
