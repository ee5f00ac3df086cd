import { Transform, type Readable } from 'node:stream';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Upstream } from './forwarder.js';
import { responseHeaders } from './headers.js';
import { hasBody, Problem } from './problem.js';

/** One request, decided, on its way to an upstream. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: Upstream;
  /** With query, as the upstream gets it. */
  readonly path: string;
  /** Name, value, name, value … */
  readonly headers: string[];
  /** What the proxy adds to the answer. */
  readonly ownHeaders: OutgoingHttpHeaders;
  readonly bodyLimitBytes: number;
  /** Called at most once, and only when nothing was answered yet. */
  readonly refuse: (error: unknown) => void;
}

/** Errors of a connection that was already dying: worth a second try on a fresh one where a repetition has no effect. */
const STALE_CONNECTION = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);
const TOO_SLOW = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
const OUR_MISTAKE = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED']);

const clientLeft = new Error('the client left');

/** The life of one exchange. */
export class Relay implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined;
  #left = false;
  #retried = false;
  #eventStream = false;

  constructor(
    private readonly exchange: Exchange,
    private readonly isDraining: () => boolean,
  ) {}

  start(): void {
    const { request, response, upstream, bodyLimitBytes } = this.exchange;
    response.once('close', () => {
      this.#left = !response.writableFinished;
      if (this.#left) this.#controller?.abort(clientLeft);
    });
    response.on('drain', () => this.#controller?.resume());
    this.#dispatch(upstream.pool, hasBody(request.headers) ? limited(request, bodyLimitBytes) : null);
  }

  drain(): void {
    if (this.#eventStream) this.#end();
    else if (!this.exchange.response.headersSent) this.exchange.response.shouldKeepAlive = false;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#left) controller.abort(clientLeft);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    const { response, ownHeaders } = this.exchange;
    response.writeHead(status, responseHeaders(headers, ownHeaders));
    this.#eventStream = headers['content-type']?.startsWith('text/event-stream') ?? false;
    if (!this.#eventStream) return;
    // The first event may be long in coming; that the stream is open is news already.
    response.flushHeaders();
    if (this.isDraining()) this.#end();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.exchange.response.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    const { request, response } = this.exchange;
    response.end();
    // An upstream may answer before it has read all; what is left has to go before the connection's next request.
    if (!request.complete) request.resume();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const { request, response, upstream } = this.exchange;
    if (this.#left || response.writableEnded) return;
    if (response.headersSent) {
      // Cut off, so that half an answer is not taken for a whole one.
      response.destroy();
    } else if (this.#mayRetry(error)) {
      this.#retried = true;
      this.#dispatch(upstream.fresh, null);
    } else {
      request.unpipe();
      this.exchange.refuse(problemOf(error, upstream.name));
    }
  }

  #dispatch(pool: Dispatcher, body: Readable | null): void {
    const { request, path, headers } = this.exchange;
    pool.dispatch({ method: request.method ?? 'GET', path, headers, body }, this);
  }

  #mayRetry(error: Error): boolean {
    const { request } = this.exchange;
    return request.method === 'GET' && !hasBody(request.headers) && !this.#retried && STALE_CONNECTION.has(codeOf(error));
  }

  #end(): void {
    this.exchange.response.end();
    this.#controller?.abort(clientLeft);
  }
}

/** The body, cut off by an error at the limit: a chunked one does not say its length beforehand. */
function limited(request: IncomingMessage, limitBytes: number): Readable {
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limitBytes) done(tooLarge(limitBytes));
      else done(null, chunk);
    },
  });
  return request.pipe(counted);
}

/** Answer 413. */
export const tooLarge = (limitBytes: number): Problem => new Problem(413, `the body must not be larger than ${limitBytes} bytes`);

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

function problemOf(error: Error, upstream: string): Error {
  const code = codeOf(error);
  if (error instanceof Problem || OUR_MISTAKE.has(code)) return error;
  if (TOO_SLOW.has(code)) return new Problem(504, `the ${upstream} did not answer in time`);
  return new Problem(502, `the ${upstream} can not be reached`);
}
