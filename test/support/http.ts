/** A small HTTP client of the API. */
import { BASE_PATH } from '#contracts';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface RequestOptions {
  /** JSON, unless it is text already. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export type Json = Record<string, any>;

export interface ListOf<T> {
  readonly kind: string;
  readonly page: number;
  readonly size: number;
  readonly total: number;
  readonly items: readonly T[];
}

const LARGEST_PAGE = 500;
/** Whoever projects may have been killed, and its lease has to run out before another does. */
const UP_TO_DATE_WITHIN_MS = 30_000;

/** One caller of one service. Paths are under the base path unless they start with `/api` or are absolute (`//healthz`). */
export class Client {
  constructor(
    readonly url: string,
    readonly token: string | undefined,
  ) {}

  async request<T = Json>(method: string, path: string, { body, headers = {}, signal }: RequestOptions = {}): Promise<Answer<T>> {
    const response = await fetch(this.url + absolute(path), {
      method,
      headers: {
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
      redirect: 'manual',
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
  }

  get<T = Json>(path: string): Promise<T> {
    return this.#demand<T>(200, 'GET', path);
  }

  /** @param expected the status it must have */
  post<T = Json>(path: string, body?: unknown, expected = 201): Promise<T> {
    return this.#demand<T>(expected, 'POST', path, body);
  }

  patch<T = Json>(path: string, body: unknown): Promise<T> {
    return this.#demand<T>(200, 'PATCH', path, body);
  }

  /** All items of a list, page by page; once it no longer says that it lags behind what has happened. */
  async all<T = Json>(path: string): Promise<T[]> {
    const items: T[] = [];
    for (let page = 1; ; page++) {
      const list = await this.#upToDate<T>(`${path}${path.includes('?') ? '&' : '?'}page=${page}&size=${LARGEST_PAGE}`);
      items.push(...list.items);
      if (list.items.length < LARGEST_PAGE) return items;
    }
  }

  async #upToDate<T>(path: string): Promise<ListOf<T>> {
    const deadline = performance.now() + UP_TO_DATE_WITHIN_MS;
    for (;;) {
      const { headers, body } = await this.#demandAnswer<ListOf<T>>(200, 'GET', path);
      const lag = headers.get('x-read-lag-events');
      if (lag === null) return body;
      if (performance.now() > deadline) throw new Error(`${path} still lags by ${lag} events after ${UP_TO_DATE_WITHIN_MS} ms`);
    }
  }

  async #demand<T>(status: number, method: string, path: string, body?: unknown): Promise<T> {
    return (await this.#demandAnswer<T>(status, method, path, body)).body;
  }

  async #demandAnswer<T>(status: number, method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const answer = await this.request<T>(method, path, { body });
    if (answer.status !== status)
      throw new Error(`${method} ${path} is ${answer.status}, not ${status}: ${JSON.stringify(answer.body)}`);
    return answer;
  }
}

const absolute = (path: string): string =>
  path.startsWith('//') ? path.slice(1) : path.startsWith('/api/') ? path : BASE_PATH + path;
