import type { Problem } from './types';

/** A refusal of the server, with its stable code; or `offline` when there was no answer at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | null;

  constructor(status: number, code: string, detail: string, field: string | null = null) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.field = field;
  }

  /** Whether trying again later may work. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Request {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Asks the server. The session is a cookie that scripts cannot see. */
export class Api {
  readonly #fetch: typeof fetch;
  readonly #onSignedOut: () => void;

  constructor(fetcher: typeof fetch, onSignedOut: () => void) {
    this.#fetch = fetcher;
    this.#onSignedOut = onSignedOut;
  }

  async call<T>(method: Method, path: string, request: Request = {}): Promise<T> {
    const headers: Record<string, string> = { ...request.headers };
    if (request.body !== undefined) headers['content-type'] = 'application/json';
    const init: RequestInit = { method, headers, credentials: 'same-origin' };
    if (request.body !== undefined) init.body = JSON.stringify(request.body);
    if (request.signal) init.signal = request.signal;
    const response = await this.#send(path, init);
    if (response.status === 204) return undefined as T;
    const text = await response.text().catch(() => '');
    if (response.ok) return JSON.parse(text) as T;
    throw this.#refusal(response.status, text);
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(path, init);
    } catch {
      throw new ApiError(0, 'offline', 'No connection to the server. Try again in a moment.');
    }
  }

  #refusal(status: number, text: string): ApiError {
    if (status === 401) this.#onSignedOut();
    try {
      const problem = JSON.parse(text) as Problem;
      return new ApiError(status, problem.code, problem.detail, problem.field ?? null);
    } catch {
      return new ApiError(status, 'unknown', `The server answered ${status}.`);
    }
  }
}

/** A path with its parameters, those that are null or undefined left out. */
export function withQuery(path: string, query: Record<string, string | number | null | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}
