/**
 * Appends over one call that stays open, as the client makes them too, but with the bytes as they are. The client wants a value, writes it as
 * JSON, encodes that as base64, decodes it again and serializes all of it twice (`docs/decisions/015`).
 */
import type { Duplex } from 'node:stream';
import { convertToCommandError, type KurrentDBClient } from '@kurrent/kurrentdb-client';
import { unpackToCommandError } from '@kurrent/kurrentdb-client/dist/streams/appendToStream/unpackError.js';
import streamsClient from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import { EventStoreUnavailable, type EventToAppend } from '../event-store.js';
import { decodeAnswer, encodeAppend, type AppendAnswer, type AppendRequest } from './append-messages.js';
import { asPortError } from './errors.js';

/** What the client itself makes its calls with. It is not declared for others. */
interface Caller {
  GRPCStreamCreator(client: unknown, name: string, call: (client: Appender) => Duplex): () => Promise<Duplex>;
  callArguments(options: { readonly requiresLeader: boolean }, call: { readonly deadline: number }): [unknown, unknown];
}

interface Appender {
  makeBidiStreamRequest(
    method: string,
    serialize: (request: AppendRequest) => Buffer,
    deserialize: (bytes: Buffer) => AppendAnswer,
    ...parameters: [unknown, unknown]
  ): Duplex;
}

export type Appended = Pick<AppendAnswer, 'revision' | 'position'>;

interface Waiting {
  readonly stream: string;
  /** By the clock of `performance.now`. */
  readonly until: number;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/** Of one message, as the client has it: the engine takes messages of a bounded size. */
const MOST_BYTES = 3 * 1_048_576;
const METHOD = '/event_store.client.streams.Streams/BatchAppend';

/** A call that appends go over, and the appends under way on it, each with a number that its answer comes back with. */
export class OpenAppend {
  readonly #waiting = new Map<number, Waiting>();
  #sent = 0;
  #broken: unknown;
  /** Looks for appends that are late, the oldest first: one for all of them. */
  #watch: NodeJS.Timeout | undefined;

  private constructor(
    private readonly call: Duplex,
    private readonly deadlineMs: number,
  ) {
    call.on('data', (answer: AppendAnswer) => this.#answered(answer));
    call.on('error', error => this.#break(asPortError(convertToCommandError(error))));
    call.on('end', () => this.#break(new EventStoreUnavailable('the engine has ended the call that appends go over')));
  }

  /** @throws the client's errors, when there is no engine to call */
  static async begin(client: KurrentDBClient, deadlineMs: number): Promise<OpenAppend> {
    const caller = client as unknown as Caller;
    const begin = caller.GRPCStreamCreator(streamsClient.StreamsClient, 'append', connection =>
      connection.makeBidiStreamRequest(
        METHOD,
        encodeAppend,
        decodeAnswer,
        ...caller.callArguments({ requiresLeader: true }, { deadline: Infinity }),
      ),
    );
    return new OpenAppend(await begin(), deadlineMs);
  }

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /**
   * Appends events to a stream that stands at a revision.
   * @throws {WrongExpectedVersionError} the client's own
   * @throws {EventStoreUnavailable} after the deadline at the latest; the events may have been stored nevertheless
   */
  send(stream: string, events: readonly EventToAppend[], expected: 'none' | number): Promise<Appended> {
    return new Promise((resolve, reject) => {
      if (this.#broken) return reject(this.#broken);
      const number = (this.#sent += 1);
      this.#waiting.set(number, { stream, until: performance.now() + this.deadlineMs, resolve, reject });
      this.#watch ??= setTimeout(() => this.#giveUpLate(), this.deadlineMs).unref();
      for (const request of requestsFor(number, stream, events, expected)) this.call.write(request);
    });
  }

  #answered({ number, failure, revision, position }: AppendAnswer): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (failure) waiting?.reject(asPortError(unpackToCommandError(failure, waiting.stream)));
    else waiting?.resolve({ revision, position });
  }

  #giveUpLate(): void {
    this.#watch = undefined;
    const now = performance.now();
    for (const [number, { stream, until, reject }] of this.#waiting) {
      if (until > now) {
        this.#watch = setTimeout(() => this.#giveUpLate(), until - now).unref();
        return;
      }
      this.#waiting.delete(number);
      reject(new EventStoreUnavailable(`an append to ${stream} has not been answered within ${this.deadlineMs} ms`));
    }
  }

  #break(reason: unknown): void {
    this.#broken ??= reason;
    clearTimeout(this.#watch);
    for (const waiting of this.#waiting.values()) waiting.reject(reason);
    this.#waiting.clear();
  }
}

/** One message, or some when the events are too many for one. */
function* requestsFor(
  number: number,
  stream: string,
  events: readonly EventToAppend[],
  expected: 'none' | number,
): Generator<AppendRequest> {
  let to: AppendRequest['to'] = { stream, expected };
  let piece: EventToAppend[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(event.data) + Buffer.byteLength(event.metadata);
    if (bytes > 0 && bytes + size > MOST_BYTES) {
      yield { number, to, events: piece, isFinal: false };
      to = undefined;
      piece = [];
      bytes = 0;
    }
    bytes += size;
    piece.push(event);
  }
  yield { number, to, events: piece, isFinal: true };
}
