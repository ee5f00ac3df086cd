/** A connection to an upstream: HTTP/1.1, one exchange at a time, kept open for the next. */
import { connect as connectPlain, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AnswerParser, MalformedAnswer } from './answer-parser.js';

/** Where connections lead to. */
export interface Address {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Resolves the host; the system's resolver, unless said otherwise. */
  readonly lookup?: LookupFunction | undefined;
}

/** Why an exchange failed before its end. */
export class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed';

  constructor(
    message: string,
    /** Nothing of an answer had come: a repetition on another connection may succeed. */
    readonly beforeAnswer: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The one who uses a connection at present. */
export interface User {
  head(status: number, headers: string[]): void;
  /** Pieces of a body are there until it returns, here and in `end`. */
  data(piece: Buffer): void;
  end(last: Buffer | undefined): void;
  failed(error: Error): void;
  /** What was written has gone out: more may be. */
  drained(): void;
  /** The connection is there. */
  connected(): void;
  /** Ends the exchange when one side has been silent for too long. @param now by the clock of `performance.now` */
  check(now: number): void;
  /** Has the exchange end as soon as it can. */
  drain(): void;
}

export class Connection {
  readonly #socket: Socket;
  readonly #parser: AnswerParser;
  #user: User | undefined;
  #isConnected = false;

  /**
   * @param onIdle the exchange has ended, and the connection can be used again
   * @param onGone it can't be used any more
   */
  constructor(
    address: Address,
    maxHeadBytes: number,
    private readonly onIdle: (connection: Connection, seconds: number | undefined) => void,
    private readonly onGone: (connection: Connection) => void,
  ) {
    this.#parser = new AnswerParser(maxHeadBytes);
    this.#socket = open(address, piece => this.#read(piece))
      .setNoDelay()
      .on(address.secure ? 'secureConnect' : 'connect', () => {
        this.#isConnected = true;
        this.#user?.connected();
      })
      .on('drain', () => this.#user?.drained())
      .on('end', () => this.#ended())
      .on('error', (error: Error) => this.#fail(new ConnectionFailed(error.message, !this.#parser.hasBegun, { cause: error })))
      .on('close', () => {
        this.#fail(new ConnectionFailed('the connection was closed', !this.#parser.hasBegun));
        this.onGone(this);
      });
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get user(): User | undefined {
    return this.#user;
  }

  /** The next answer is the user's. Only on a connection that no one uses. */
  use(method: string, user: User): void {
    this.#user = user;
    this.#parser.expect(method, user);
  }

  /** False when the user should wait for `drained`. */
  write(bytes: string | Buffer): boolean {
    return typeof bytes === 'string' ? this.#socket.write(bytes, 'latin1') : this.#socket.write(bytes);
  }

  /** What is written until `uncork` goes out together. */
  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes it at once. Its user hears nothing more. */
  destroy(): void {
    this.#user = undefined;
    this.#socket.destroy();
  }

  /** The user is done: the whole request was written and the whole answer read. */
  release(): void {
    this.#user = undefined;
    const { possible, seconds } = this.#parser.reuse;
    if (!possible || this.#parser.isReading || !this.#socket.writable) return void this.#socket.destroy();
    if (this.#socket.isPaused()) this.#socket.resume();
    this.onIdle(this, seconds);
  }

  #read(piece: Buffer): void {
    try {
      this.#parser.push(piece);
    } catch (error) {
      this.#malformed(error);
    }
  }

  #ended(): void {
    try {
      this.#parser.close();
    } catch (error) {
      const { hasBegun } = this.#parser;
      if (error instanceof MalformedAnswer) this.#fail(new ConnectionFailed(error.message, !hasBegun));
      else throw error;
    }
    this.#socket.destroy();
  }

  #malformed(error: unknown): void {
    if (!(error instanceof MalformedAnswer)) throw error;
    this.#fail(error);
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    const user = this.#user;
    this.#user = undefined;
    user?.failed(error);
  }
}

/** All connections are read into it, one at a time: what comes of it has to be taken before the next is read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

/** @param read gets what has come, which is there only until it returns */
function open({ secure, host, port, lookup }: Address, read: (piece: Buffer) => void): Socket {
  const onread = {
    buffer: READ_BUFFER,
    callback: (bytes: number) => {
      read(READ_BUFFER.subarray(0, bytes));
      return true;
    },
  };
  const to = { host, port, onread, ...(lookup && { lookup }) };
  if (!secure) return connectPlain(to);
  return connectTls({ ...to, ALPNProtocols: ['http/1.1'], ...(isIP(host) === 0 && { servername: host }) });
}
