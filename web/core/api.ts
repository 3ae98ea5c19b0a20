import type { Problem } from './types';

/**
 * A refusal of the server, with its stable code; or `offline` when there was no answer at all. The message is what the
 * server said, for whoever knows no better words for the code.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | null;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfter: number;

  constructor(status: number, code: string, detail: string, field: string | null = null, retryAfter = 0) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.field = field;
    this.retryAfter = retryAfter;
  }

  static offline(): ApiError {
    return new ApiError(0, 'offline', 'no connection');
  }

  /** Whether trying again later may work. */
  get isPassing(): boolean {
    return [0, 401, 408, 425, 429].includes(this.status) || this.status >= 500;
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request, the same over HTTP and over the socket. */
export interface ApiRequest {
  method: Method;
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** What came back. */
export interface Answer {
  status: number;
  body: unknown;
  retryAfter?: number;
}

/** Takes a request to the server by the live connection; null if it cannot now. Fails when the connection breaks. */
export type Carrier = (request: ApiRequest) => Promise<Answer> | null;

/** Asks the server: over the socket when there is one, else over HTTP. The session is a cookie that scripts cannot see. */
export class Api {
  readonly #fetch: typeof fetch;
  readonly #carry: Carrier;
  readonly #onSignedOut: () => void;

  constructor(fetcher: typeof fetch, carry: Carrier, onSignedOut: () => void) {
    this.#fetch = fetcher;
    this.#carry = carry;
    this.#onSignedOut = onSignedOut;
  }

  async call<T>(method: Method, path: string, rest: Omit<ApiRequest, 'method' | 'path'> = {}): Promise<T> {
    const answer = await this.#ask({ method, path, ...rest });
    if (answer.status >= 200 && answer.status < 300) return answer.body as T;
    if (answer.status === 401) this.#onSignedOut();
    throw refusal(answer);
  }

  async #ask(request: ApiRequest): Promise<Answer> {
    const carried = this.#carry(request);
    if (!carried) return this.#overHttp(request);
    try {
      return await carried;
    } catch {
      // Whether the server saw it is unknown, so only what changes nothing is asked again by itself.
      if (request.method === 'GET') return this.#overHttp(request);
      throw ApiError.offline();
    }
  }

  async #overHttp({ method, path, headers, body }: ApiRequest): Promise<Answer> {
    const init: RequestInit = { method, headers: { ...headers }, credentials: 'same-origin' };
    if (body !== undefined) {
      init.headers = { ...headers, 'content-type': 'application/json' };
      init.body = JSON.stringify(body);
    }
    try {
      const response = await this.#fetch(path, init);
      const wait = Number(response.headers.get('retry-after'));
      return { status: response.status, body: read(response, await response.text()), retryAfter: wait > 0 ? wait * 1000 : 0 };
    } catch {
      throw ApiError.offline();
    }
  }
}

/** The body of an answer. A good answer that is not ours, as from a hotel's network, throws and counts as none. */
function read(response: Response, text: string): unknown {
  if (response.status === 204) return undefined;
  if (response.ok) return JSON.parse(text);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal({ status, body, retryAfter = 0 }: Answer): ApiError {
  const problem = (body ?? {}) as Partial<Problem>;
  // Over the socket there are no headers.
  const wait = Math.max(retryAfter, (problem.retry_after_s ?? 0) * 1000);
  return new ApiError(status, problem.code ?? 'unknown', problem.detail ?? '', problem.field ?? null, wait);
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
