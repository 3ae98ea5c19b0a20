import { ApiError } from './api';
import { backoff } from './backoff';

interface Job {
  work: () => Promise<void>;
  /** Whether it was asked for again while it ran. */
  isStale: boolean;
  attempts: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  isRunning: boolean;
}

/**
 * Work that has a name and must be done at least once after each time it was asked for: never twice at a time,
 * and again later when the server could not be reached.
 */
export class Retrying {
  readonly #jobs = new Map<string, Job>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Does `work` after `delay`, unless work of that name is waiting already. */
  ask(name: string, work: () => Promise<void>, delay = 0): void {
    const job = this.#jobs.get(name);
    if (job) {
      job.work = work;
      job.isStale = true;
      return;
    }
    const fresh: Job = { work, isStale: false, attempts: 0, timer: undefined, isRunning: false };
    this.#jobs.set(name, fresh);
    this.#later(name, fresh, delay);
  }

  /** The connection is back: what waits for another attempt is tried now. */
  hurry(): void {
    for (const [name, job] of this.#jobs) {
      if (!job.isRunning && job.attempts > 0) this.#later(name, job, 0);
    }
  }

  /** Forgets all that waits. */
  stop(): void {
    for (const job of this.#jobs.values()) clearTimeout(job.timer);
    this.#jobs.clear();
  }

  #later(name: string, job: Job, delay: number): void {
    clearTimeout(job.timer);
    job.timer = setTimeout(() => void this.#run(name, job), delay);
  }

  async #run(name: string, job: Job): Promise<void> {
    job.isRunning = true;
    job.isStale = false;
    const isDone = await this.#attempt(job);
    job.isRunning = false;
    if (this.#jobs.get(name) !== job) return;
    if (!isDone) this.#later(name, job, 500 + backoff((job.attempts += 1), this.#random));
    else if (job.isStale) this.#later(name, job, 0);
    else this.#jobs.delete(name);
  }

  /** Whether nothing is left to be tried again: a refusal for good counts as done. */
  async #attempt(job: Job): Promise<boolean> {
    try {
      await job.work();
      return true;
    } catch (error) {
      return error instanceof ApiError && !error.isPassing;
    }
  }
}
