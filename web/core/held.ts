import { ApiError, type Api } from './api';
import type { Outgoing } from './db';
import { allScheduled } from './scheduled';
import { isHeld, isUnsent } from './tasks';
import type { Draft, Message, ScheduledMessage, Task } from './types';

export { Saved } from './saved';
export { Scheduled } from './scheduled';

/** So long after its time a held message should be in its chat: if it is not, the server is asked. */
const late = 1_500;
/** An event may overtake another one by so much. */
const soon = 300;

/** What of the outbox is needed. */
interface Around {
  world: {
    api: Api;
    now(): number;
    done(task: Outgoing, message: null): void;
    refused(task: Outgoing, error: ApiError): void;
    tell(done: null): void;
  };
  waiting(): readonly Outgoing[];
  change(clientId: string, change: Partial<Outgoing>): Promise<Outgoing | null>;
  drop(clientId: string): Promise<void>;
  send(task: Outgoing): void;
  isUntouched(clientId: string): boolean;
  isLeader(): boolean;
}

/** The messages of the outbox that the server holds, sends by itself, and gives back. One tab looks after them. */
export class Holds {
  readonly #around: Around;
  readonly #watches = new Map<string, ReturnType<typeof setTimeout>>();
  /** Taken back in this tab. */
  readonly #takenBack = new Set<string>();

  constructor(around: Around) {
    this.#around = around;
  }

  send(task: Outgoing): Promise<Message | ScheduledMessage | null> {
    return carryOut(this.#around.world.api, task);
  }

  /** The server holds it now, or could not send it. */
  async isHeld(task: Outgoing, { id, state, reason = null }: ScheduledMessage, begun: number): Promise<void> {
    const seconds = task.hold?.seconds ?? 0;
    const hold = { seconds, id, until: begun + seconds * 1000 };
    const now: Partial<Outgoing> = this.#isTakenBack(task) ? { kind: 'unsend', state: 'queued' } : state === 'failed' ? { kind: 'held', state, code: reason } : { kind: 'held', state: 'queued' };
    await this.#around.change(task.clientId, { hold, ...now });
    this.look();
    this.#around.world.tell(null);
  }

  /** It was sent, or is not to be any more. */
  isDone(task: Outgoing): void {
    if (this.#isTakenBack(task)) this.#around.world.refused(task, new ApiError(409, 'already_sent', ''));
  }

  /** Whether somebody changed their mind while it was on its way. */
  #isTakenBack({ clientId, kind }: Outgoing): boolean {
    return kind === 'message' && this.#find(clientId)?.kind === 'unsend';
  }

  /** Its words are somebody's already: it shall not be sent. */
  async unsend(task: Outgoing): Promise<void> {
    const { change, drop, isUntouched, send, world } = this.#around;
    if (isUntouched(task.clientId)) await drop(task.clientId);
    else {
      this.#takenBack.add(task.clientId);
      const state = this.#find(task.clientId)?.state === 'sending' ? 'sending' : 'queued';
      const changed = await change(task.clientId, { kind: 'unsend', state, reason: null, code: null });
      if (changed && state === 'queued') send(changed);
    }
    world.tell(null);
  }

  /** The outbox changed. */
  look(): void {
    for (const task of this.#around.waiting()) {
      // Another tab had it on its way, and did not know yet.
      if (this.#takenBack.has(task.clientId) && isUnsent(task)) void this.unsend(task);
      else if (isHeld(task) && !this.#watches.has(task.clientId)) this.#watch(task);
    }
  }

  /** Something was sent, or could not be. */
  lookAt(): void {
    for (const task of this.#around.waiting()) if (isHeld(task) && (task.hold?.until ?? 0) <= this.#around.world.now()) this.#watch(task, soon);
  }

  #find(clientId: string): Outgoing | undefined {
    return this.#around.waiting().find((task) => task.clientId === clientId);
  }

  #watch({ clientId, hold }: Outgoing, after = (hold?.until ?? 0) - this.#around.world.now() + late): void {
    if (!this.#around.isLeader()) return;
    clearTimeout(this.#watches.get(clientId));
    this.#watches.set(clientId, setTimeout(() => void this.#lookAfter(clientId), Math.max(0, after)));
  }

  /** Looks whether a message was sent that should have been. */
  async #lookAfter(clientId: string): Promise<void> {
    this.#watches.delete(clientId);
    const task = this.#find(clientId);
    const { change, drop, isLeader, world } = this.#around;
    if (!task || !isHeld(task) || !isLeader()) return;
    try {
      const held = await findHeld(world.api, task);
      // As where it is not one's turn yet: it is told when it is sent.
      if (held?.state === 'waiting') return this.#watch(task, 10 * late);
      if (held) await change(clientId, { state: 'failed', code: held.reason ?? null });
      else {
        world.done(task, null);
        await drop(clientId);
      }
      world.tell(null);
    } catch {
      this.#watch(task, 4 * late);
    }
  }
}

/** Has the server hold a message, or give it back. */
async function carryOut(api: Api, task: Outgoing): Promise<Message | ScheduledMessage | null> {
  const { kind, chat, text, clientId, replyTo, hold } = task;
  if (kind === 'unsend') {
    const id = hold?.id ?? (await findHeld(api, task))?.id;
    if (id) await takeBack(api, id);
    return null;
  }
  // One that was held and could not be sent is still in its place.
  if (hold?.id) await takeBack(api, hold.id).catch(unlessSent);
  return api.call('POST', `/v1/chats/${chat}/messages`, { body: { text, client_id: clientId, reply_to: replyTo, hold_s: hold?.seconds } });
}

/** A message as the server has it, if it is neither sent nor gone. */
const findHeld = async (api: Api, { chat, clientId }: Task): Promise<ScheduledMessage | undefined> =>
  (await allScheduled(api)).find((one) => one.chat === chat && one.client_id === clientId);

/** Again is fine. Fails with `already_sent` where it is too late. */
async function takeBack(api: Api, id: string): Promise<void> {
  try {
    await api.call('DELETE', `/v1/scheduled/${id}`);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}

function unlessSent(error: unknown): void {
  if (!(error instanceof ApiError && error.code === 'already_sent')) throw error;
}

/** What is being written in a place once a message is taken back: its words before those that are there. */
export function withWords({ record }: { record: Draft | null }, { text, replyTo }: Task): Draft {
  const all = record?.text ? `${text}\n\n${record.text}` : text;
  const edit = record?.edit ?? null;
  return { text: all, replyTo: record?.replyTo ?? replyTo, edit, selection: edit && record ? record.selection : [all.length, all.length] };
}
