import type { Answer, ApiRequest } from './api';

const patience = 15_000;
const roomForFrame = 1_000;

interface Open {
  answered(answer: Answer): void;
  lost(): void;
  timer: ReturnType<typeof setTimeout>;
}

/** Requests that went out over one connection and their answers. */
export class Requests {
  readonly #open = new Map<number, Open>();
  readonly #onSilence: () => void;
  #last = 0;

  /** `onSilence` is called when an answer does not come: the connection is dead without knowing it. */
  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  /** Sends a request if there is room for it. */
  ask(request: ApiRequest, send: (text: string) => void, limits: { frame_bytes: number; open_requests: number }): Promise<Answer> | null {
    if (this.#open.size >= limits.open_requests) return null;
    const id = (this.#last += 1);
    const text = JSON.stringify({ type: 'request', id, ...request });
    // A character has at most three bytes in UTF-8 for one in UTF-16.
    if (text.length * 3 > limits.frame_bytes - roomForFrame) return null;
    const answer = new Promise<Answer>((resolve, reject) => {
      const lost = (): void => reject(new Error('the connection broke before the answer came'));
      this.#open.set(id, { answered: resolve, lost, timer: setTimeout(this.#onSilence, patience) });
    });
    send(text);
    return answer;
  }

  answered(id: number, status: number, body: unknown): void {
    this.#take(id)?.answered({ status, body });
  }

  /** One request was refused before it reached a controller, such as for its number. */
  refused(id: number): void {
    this.#take(id)?.lost();
  }

  /** The connection is gone, and with it all answers. */
  lost(): void {
    for (const id of [...this.#open.keys()]) this.refused(id);
  }

  #take(id: number): Open | undefined {
    const open = this.#open.get(id);
    clearTimeout(open?.timer);
    this.#open.delete(id);
    return open;
  }
}
