/** The life of one exchange: a request on its way to an upstream, and the answer on its way back, both at the pace of the slower side. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyPassed } from './body-memory.js';
import { answerHeaders, type AnswerPolicy } from './headers.js';
import { hasBody, Problem } from './problem.js';
import { MalformedAnswer } from './wire/answer-parser.js';
import { ConnectionFailed, type Connection, type User } from './wire/connection.js';
import { atEndOfTurn } from './wire/end-of-turn.js';
import type { Upstream } from './wire/upstream.js';

/** How long the proxy waits for the two sides, milliseconds. */
export interface RelayLimits {
  readonly connectMs: number;
  /** From the end of the request to the head of the answer. */
  readonly headersMs: number;
  /** Between two pieces of a body. There is no limit on the whole, and none on the silence of an event stream. */
  readonly idleMs: number;
}

/** One request, decided. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: Upstream;
  /** Of the request to the upstream. */
  readonly method: string;
  /** With query, as the upstream gets it. */
  readonly path: string;
  /** Name, value, name, value …, without those of framing. */
  readonly headers: readonly string[];
  /** Goes instead of the request's own body. */
  readonly body?: Buffer | undefined;
  readonly bodyLimitBytes: number;
  /** Which headers of the answer pass. */
  readonly answers: AnswerPolicy;
  /** What the proxy adds to the answer. */
  readonly ownHeaders: Readonly<Record<string, string>>;
  /** A longer answer is cut off. */
  readonly answerLimitBytes?: number;
  /** Called at most once, and only when nothing was answered yet. */
  readonly refuse: (error: unknown) => void;
}

export class Relay implements User {
  /** Of the bodies, as far as they have come. */
  bytesIn = 0;
  bytesOut = 0;
  #connection: Connection | undefined;
  #retried = false;
  /** The whole request was written. */
  #sent = false;
  #answering = false;
  #eventStream = false;
  #ended = false;
  /** When something went on last, by the clock of `performance.now`. */
  #movedAt = performance.now();

  constructor(
    private readonly exchange: Exchange,
    private readonly limits: RelayLimits,
    private readonly isDraining: () => boolean,
  ) {}

  start(): void {
    this.#send(false);
  }

  /** Ends an event stream, which has no end of its own, and has any other answer be the last on its connection. */
  drain(): void {
    const { response } = this.exchange;
    if (this.#eventStream) {
      this.#giveUp();
      response.end();
    } else if (!response.headersSent) response.shouldKeepAlive = false;
  }

  /** The response is closed: whatever still runs for it is ended at once. */
  closed(): void {
    if (!this.#ended) this.#giveUp();
  }

  check(now: number): void {
    const { response, upstream } = this.exchange;
    const silentMs = now - this.#movedAt;
    const { connectMs, headersMs, idleMs } = this.limits;
    if (this.#ended || silentMs < Math.min(connectMs, headersMs, idleMs)) return;
    if (this.#answering) {
      const clientIsSlow = response.writableNeedDrain;
      if (silentMs >= idleMs && (clientIsSlow || !this.#eventStream)) this.#cutOff();
    } else if (!this.#connection?.isConnected) {
      if (silentMs >= connectMs) this.#fail(new Problem(504, `the ${upstream.name} did not take the connection in time`));
    } else if (this.#sent) {
      if (silentMs >= headersMs) this.#fail(new Problem(504, `the ${upstream.name} did not answer in time`));
    } else if (silentMs >= idleMs) {
      const clientIsSlow = !this.exchange.request.isPaused();
      this.#fail(
        clientIsSlow
          ? new Problem(17, 'the request took too long to arrive')
          : new Problem(504, `the ${upstream.name} did not take the request in time`),
      );
    }
  }

  connected(): void {
    this.#movedAt = performance.now();
  }

  drained(): void {
    this.#movedAt = performance.now();
    this.exchange.request.resume();
  }

  head(status: number, headers: string[]): void {
    const { response, ownHeaders, answers } = this.exchange;
    const { passed, isEventStream } = answerHeaders(headers, answers, ownHeaders);
    this.#movedAt = performance.now();
    this.#answering = true;
    this.#eventStream = isEventStream;
    response.writeHead(status, passed);
    if (!isEventStream) return;
    // The first event may be long in coming; that the stream is open is news already.
    response.flushHeaders();
    if (this.isDraining()) this.drain();
  }

  data(piece: Buffer): void {
    if (!this.#isWithinLimit(piece)) return;
    this.#movedAt = performance.now();
    const { response } = this.exchange;
    if (response.write(Buffer.from(piece))) return;
    this.#connection?.pause();
    response.once('drain', () => {
      this.#movedAt = performance.now();
      if (!this.#ended) this.#connection?.resume();
    });
  }

  end(last: Buffer | undefined): void {
    if (last && !this.#isWithinLimit(last)) return;
    const { request, response } = this.exchange;
    this.#ended = true;
    const connection = this.#connection;
    // An upstream may answer before it has read all: what it takes for the next request would be the rest of this one.
    if (this.#sent) connection?.release();
    else connection?.destroy();
    // Text goes out with the head in one piece, where bytes would be a second one.
    if (last && last.length <= SMALL_BYTES && last.length === this.bytesOut) {
      const text = last.toString('latin1');
      atEndOfTurn(() => {
        if (!response.destroyed) response.end(text, 'latin1');
      });
    } else if (last) response.end(Buffer.from(last));
    else response.end();
    if (!request.complete) request.resume();
  }

  failed(error: Error): void {
    const { upstream, request } = this.exchange;
    const isStale = error instanceof ConnectionFailed && error.beforeAnswer && this.#connection?.isConnected;
    if (isStale && request.method === 'GET' && !this.#hasBody() && !this.#retried) {
      this.#retried = true;
      this.#send(true);
    } else if (error instanceof ConnectionFailed || error instanceof MalformedAnswer) {
      this.#fail(new Problem(502, `the ${upstream.name} can not be reached`));
    } else {
      this.#fail(error);
    }
  }

  #send(fresh: boolean): void {
    const { upstream, method, path, request, headers, body } = this.exchange;
    const connection = upstream.acquire(fresh);
    this.#connection = connection;
    this.#movedAt = performance.now();
    connection.use(method, this);
    let head = `${method} ${path} HTTP/1.1\r\nhost: ${upstream.host}\r\n`;
    for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
    if (body) {
      connection.write(`${head}content-length: ${body.length}\r\n\r\n`);
      connection.write(body);
      this.#sent = true;
    } else if (hasBody(request.headers)) {
      const length = request.headers['content-length'];
      connection.write(`${head}${length === undefined ? 'transfer-encoding: chunked' : `content-length: ${length}`}\r\n\r\n`);
      this.#sendBody(connection, length === undefined);
    } else {
      this.#sent = true;
      atEndOfTurn(() => {
        if (this.#connection !== connection || this.#ended) return;
        connection.write(`${head}${method === 'GET' || method === 'HEAD' ? '' : 'content-length: 0\r\n'}\r\n`);
      });
    }
  }

  #sendBody(connection: Connection, chunked: boolean): void {
    const { request, bodyLimitBytes } = this.exchange;
    request.on('data', (piece: Buffer) => {
      if (this.#ended) return;
      this.#movedAt = performance.now();
      this.bytesIn += piece.length;
      bodyPassed(piece.length);
      // A chunked body does not say its length beforehand.
      if (this.bytesIn > bodyLimitBytes) return this.#fail(tooLarge(bodyLimitBytes));
      if (!(chunked ? writeChunk(connection, piece) : connection.write(piece))) request.pause();
    });
    request.once('end', () => {
      if (this.#ended) return;
      this.#movedAt = performance.now();
      if (chunked) connection.write('0\r\n\r\n');
      this.#sent = true;
    });
  }

  #hasBody(): boolean {
    return this.exchange.body !== undefined || hasBody(this.exchange.request.headers);
  }

  #isWithinLimit(piece: Buffer): boolean {
    this.bytesOut += piece.length;
    bodyPassed(piece.length);
    if (this.bytesOut <= (this.exchange.answerLimitBytes ?? Number.POSITIVE_INFINITY)) return true;
    this.#cutOff();
    return false;
  }

  #fail(error: Error): void {
    if (this.#ended) return;
    if (this.exchange.response.headersSent) return this.#cutOff();
    this.#giveUp();
    this.exchange.refuse(error);
  }

  /** So that half an answer is not taken for a whole one. */
  #cutOff(): void {
    this.#giveUp();
    this.exchange.response.destroy();
  }

  #giveUp(): void {
    this.#ended = true;
    this.#connection?.destroy();
  }
}

/** Up to here a copy costs less than a second piece. */
const SMALL_BYTES = 16_384;

/** Answer 413. */
export const tooLarge = (limitBytes: number): Problem => new Problem(413, `the body must not be larger than ${limitBytes} bytes`);

function writeChunk(connection: Connection, piece: Buffer): boolean {
  connection.cork();
  connection.write(`${piece.length.toString(16)}\r\n`);
  connection.write(piece);
  const mayGoOn = connection.write('\r\n');
  connection.uncork();
  return mayGoOn;
}
