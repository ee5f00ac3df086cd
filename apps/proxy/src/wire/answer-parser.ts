/**
 * Reads answers of HTTP/1.1 as they come off a connection. It is strict (RFC 9112): whatever two readers could frame differently is an
 * error, so that no part of one answer is ever taken for another. Bodies are passed on piece by piece, uncopied: who keeps one copies it.
 */

/** What becomes of an answer. `end` has the last piece of the body, where it came along. */
export interface AnswerSink {
  /** @param headers name, value, name, value …, names in lower case */
  head(status: number, headers: string[]): void;
  /** @param piece there until it returns */
  data(piece: Buffer): void;
  end(last: Buffer | undefined): void;
}

/** The other side does not speak HTTP/1.1 as it should. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

/** How an answer goes on after its head. */
type Framing = { readonly by: 'length'; readonly bytes: number } | { readonly by: 'chunks' } | { readonly by: 'close' };

type State =
  | 'idle'
  | 'head'
  | 'length'
  | 'close'
  /** The line with a chunk's size. */
  | 'size'
  | 'chunk'
  /** The line end behind a chunk. */
  | 'chunk-end'
  | 'trailer';

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const LF = 0x0a;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?(?:\r\n|$)/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Lines with CRLF between them, and no control character in them. That it says what may be there makes it four times as fast. */
const LINES = /^(?:[\t\x20-\x7e\x80-\xff]+(?:\r\n|$))*$/;
const LENGTH = /^\d{1,15}$/;
const SIZE_LINE = /^([0-9a-fA-F]{1,12})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n$/;
const MAX_SIZE_LINE_BYTES = 1024;

export class AnswerParser {
  #state: State = 'idle';
  #sink: AnswerSink | undefined;
  #method = '';
  /** Bytes of a head or a line that is not complete. */
  #kept: Buffer | undefined;
  /** Bytes to come of a body or chunk. */
  #missing = 0;
  #trailerBytes = 0;
  #reusable = false;
  #keepAliveS: number | undefined;
  /** As it was said last. */
  #keepAlive = { text: '', seconds: Number.NaN };

  constructor(private readonly maxHeadBytes: number) {}

  /** True between `expect` and the end of the answer. */
  get isReading(): boolean {
    return this.#state !== 'idle';
  }

  /** True once anything of the answer has come. */
  get hasBegun(): boolean {
    return this.#state !== 'idle' && (this.#state !== 'head' || this.#kept !== undefined);
  }

  /** Whether the last answer leaves the connection usable, and for how many seconds, where the other side says so. */
  get reuse(): { readonly possible: boolean; readonly seconds: number | undefined } {
    return { possible: this.#reusable, seconds: this.#keepAliveS };
  }

  /** An answer to this method is to come. */
  expect(method: string, sink: AnswerSink): void {
    this.#method = method;
    this.#sink = sink;
    this.#state = 'head';
  }

  /** @throws MalformedAnswer */
  push(piece: Buffer): void {
    let rest: Buffer | undefined = piece;
    while (rest && rest.length > 0) rest = this.#step(rest);
  }

  /** The connection was closed by the other side: that ends a body which has no other end. @throws MalformedAnswer */
  close(): void {
    if (this.#state === 'close') this.#finish(undefined);
    else if (this.#state !== 'idle') throw new MalformedAnswer('the connection was closed in the middle of an answer');
  }

  /** Takes what it can from the bytes, and gives back what is left. */
  #step(bytes: Buffer): Buffer | undefined {
    switch (this.#state) {
      case 'idle':
        throw new MalformedAnswer('more came than one answer');
      case 'head':
        return this.#head(bytes);
      case 'length':
      case 'chunk':
        return this.#body(bytes);
      case 'close':
        this.#sink?.data(bytes);
        return undefined;
      case 'size':
        return this.#line(bytes, MAX_SIZE_LINE_BYTES, line => this.#size(line));
      case 'chunk-end':
        return this.#line(bytes, 2, line => {
          if (line !== '\r\n') throw new MalformedAnswer('a chunk is not as long as it says');
          this.#state = 'size';
        });
      case 'trailer':
        return this.#line(bytes, this.maxHeadBytes, line => this.#trailer(line));
    }
  }

  #head(bytes: Buffer): Buffer | undefined {
    const all = this.#kept ? Buffer.concat([this.#kept, bytes]) : bytes;
    const end = all.indexOf(END_OF_HEAD);
    if (end < 0 ? all.length > this.maxHeadBytes : end > this.maxHeadBytes) throw new MalformedAnswer('the head is too large');
    if (end < 0) {
      this.#kept = Buffer.from(all);
      return undefined;
    }
    this.#kept = undefined;
    const rest = all.subarray(end + END_OF_HEAD.length);
    const head = all.toString('latin1', 0, end);
    const [, minor, code] = STATUS_LINE.exec(head) ?? [];
    if (code === undefined) throw new MalformedAnswer('the status line is malformed');
    const status = Number(code);
    if (status === 101) throw new MalformedAnswer('it switches protocols, which no one asked for');
    const headers = headersOf(head);
    // Interim answers are about the connection to the proxy.
    if (status < 200) return rest;
    const framing = this.#framing(status, headers, minor === '1');
    this.#sink?.head(status, headers);
    switch (framing.by) {
      case 'length':
        this.#state = 'length';
        this.#missing = framing.bytes;
        if (framing.bytes === 0) this.#finish(undefined);
        break;
      case 'chunks':
        this.#state = 'size';
        break;
      case 'close':
        this.#state = 'close';
        break;
      default:
        framing satisfies never;
    }
    return rest;
  }

  /** RFC 9112, section 6.3. */
  #framing(status: number, headers: readonly string[], isNew: boolean): Framing {
    let length: string | undefined;
    let coding: string | undefined;
    let connection = '';
    this.#keepAliveS = undefined;
    for (let at = 0; at < headers.length; at += 2) {
      const value = headers[at + 1] ?? '';
      switch (headers[at]) {
        case 'content-length':
          if (length !== undefined) throw new MalformedAnswer('it has two lengths');
          length = value;
          break;
        case 'transfer-encoding':
          if (coding !== undefined) throw new MalformedAnswer('it has two transfer codings');
          coding = value.toLowerCase();
          break;
        case 'connection':
          connection = connection === '' ? value.toLowerCase() : `${connection},${value.toLowerCase()}`;
          break;
        case 'keep-alive':
          this.#keepAliveS = this.#secondsOf(value);
          break;
        default:
      }
    }
    this.#reusable = isNew && (connection === '' || connection === 'keep-alive' || !namesClose(connection));
    if (length !== undefined && !LENGTH.test(length)) throw new MalformedAnswer('its length is no number');
    if (coding !== undefined && (coding !== 'chunked' || length !== undefined || !isNew)) {
      throw new MalformedAnswer('its transfer coding is not chunked alone');
    }
    if (this.#method === 'HEAD' || status === 204 || status === 304) return { by: 'length', bytes: 0 };
    if (coding !== undefined) return { by: 'chunks' };
    if (length !== undefined) return { by: 'length', bytes: Number(length) };
    this.#reusable = false;
    return { by: 'close' };
  }

  /** An upstream says the same every time. */
  #secondsOf(keepAlive: string): number {
    if (keepAlive !== this.#keepAlive.text) {
      this.#keepAlive = { text: keepAlive, seconds: Number(/timeout=(\d{1,6})/i.exec(keepAlive)?.[1] ?? Number.NaN) };
    }
    return this.#keepAlive.seconds;
  }

  #body(bytes: Buffer): Buffer | undefined {
    if (bytes.length < this.#missing) {
      this.#missing -= bytes.length;
      this.#sink?.data(bytes);
      return undefined;
    }
    const [piece, rest] =
      bytes.length === this.#missing ? [bytes] : [bytes.subarray(0, this.#missing), bytes.subarray(this.#missing)];
    this.#missing = 0;
    if (this.#state === 'length') this.#finish(piece);
    else {
      this.#state = 'chunk-end';
      this.#sink?.data(piece);
    }
    return rest;
  }

  #line(bytes: Buffer, maxBytes: number, take: (line: string) => void): Buffer | undefined {
    const end = bytes.indexOf(LF) + 1;
    const part = end > 0 ? bytes.subarray(0, end) : bytes;
    const line = this.#kept ? Buffer.concat([this.#kept, part]) : part;
    if (line.length > maxBytes) throw new MalformedAnswer('a line between chunks is too long');
    this.#kept = end > 0 ? undefined : Buffer.from(line);
    if (end > 0) take(line.toString('latin1'));
    return end > 0 ? bytes.subarray(end) : undefined;
  }

  #size(line: string): void {
    const size = SIZE_LINE.exec(line)?.[1];
    if (size === undefined) throw new MalformedAnswer('the size of a chunk is malformed');
    this.#missing = Number.parseInt(size, 16);
    this.#trailerBytes = 0;
    this.#state = this.#missing === 0 ? 'trailer' : 'chunk';
  }

  #trailer(line: string): void {
    this.#trailerBytes += line.length;
    if (this.#trailerBytes > this.maxHeadBytes) throw new MalformedAnswer('its trailers are too large');
    if (line === '\r\n') this.#finish(undefined);
  }

  #finish(last: Buffer | undefined): void {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#state = 'idle';
    sink?.end(last);
  }
}

/** @param head lines with CRLF between them; the first is the status line */
function headersOf(head: string): string[] {
  if (!LINES.test(head)) throw new MalformedAnswer('a header is malformed');
  const headers: string[] = [];
  let start = head.indexOf('\r\n') + 2;
  while (start > 1) {
    const next = head.indexOf('\r\n', start);
    const end = next < 0 ? head.length : next;
    const colon = head.indexOf(':', start);
    if (colon < 0 || colon >= end) throw new MalformedAnswer('a header is malformed');
    headers.push(nameOf(head.slice(start, colon)), trimmed(head, colon + 1, end));
    start = next + 2;
  }
  return headers;
}

/** What was found out about a name holds for the next answer too. Bounded: who answers chooses them. */
const known = new Map<string, string>();
const KNOWN_AT_MOST = { names: 1_000, length: 64 } as const;

/** In lower case. */
function nameOf(name: string): string {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (!NAME.test(name)) throw new MalformedAnswer('a header is malformed');
  const lower = name.toLowerCase();
  if (known.size < KNOWN_AT_MOST.names && name.length <= KNOWN_AT_MOST.length) known.set(name, lower);
  return lower;
}

/** Without spaces and tabs around it. */
function trimmed(text: string, start: number, end: number): string {
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const namesClose = (connection: string): boolean => connection.split(',').some(name => name.trim() === 'close');
const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
