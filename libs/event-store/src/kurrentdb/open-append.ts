/**
 * Appends over one call that stays open, as the client makes them too, but with the bytes as they are. The client wants a value, writes it as
 * JSON, encodes that as base64, decodes it again and serializes all of it twice (`docs/decisions/015`).
 */
import type { Duplex } from 'node:stream';
import { convertToCommandError, type KurrentDBClient } from '@kurrent/kurrentdb-client';
import { unpackToCommandError } from '@kurrent/kurrentdb-client/dist/streams/appendToStream/unpackError.js';
import streamsClient from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import streams, { type BatchAppendResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { EventStoreUnavailable, type EventToAppend } from '../event-store.js';
import { asPortError } from './errors.js';
import type { LogPosition } from './positions.js';

/** What the client itself makes its calls with. It is not declared for others. */
interface Caller {
  GRPCStreamCreator(client: unknown, name: string, call: (client: Appender) => Duplex): () => Promise<Duplex>;
  callArguments(options: { readonly requiresLeader: boolean }, call: { readonly deadline: number }): [unknown, unknown];
}

interface Appender {
  batchAppend(...parameters: [unknown, unknown]): Duplex;
}

export interface Appended {
  /** Of the last event. */
  readonly revision: number;
  /** A repetition of what is not replicated yet is answered without one. */
  readonly position: LogPosition | undefined;
}

interface Waiting {
  readonly stream: string;
  /** By the clock of `performance.now`. */
  readonly until: number;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/** Of one message, as the client has it: the engine takes messages of a bounded size. */
const MOST_BYTES = 3 * 1_048_576;
const NO_STREAM = new shared.Empty();
const encoder = new TextEncoder();

/** A call that appends go over, and the appends under way on it, each with a number that its answer comes back with. */
export class OpenAppend {
  readonly #waiting = new Map<string, Waiting>();
  #sent = 0;
  #broken: unknown;
  /** Looks for appends that are late, the oldest first: one for all of them. */
  #watch: NodeJS.Timeout | undefined;

  private constructor(
    private readonly call: Duplex,
    private readonly deadlineMs: number,
  ) {
    call.on('data', (answer: BatchAppendResp) => this.#answered(answer));
    call.on('error', error => this.#break(asPortError(convertToCommandError(error))));
    call.on('end', () => this.#break(new EventStoreUnavailable('the engine has ended the call that appends go over')));
  }

  /** @throws the client's errors, when there is no engine to call */
  static async begin(client: KurrentDBClient, deadlineMs: number): Promise<OpenAppend> {
    const caller = client as unknown as Caller;
    const begin = caller.GRPCStreamCreator(streamsClient.StreamsClient, 'append', connection =>
      connection.batchAppend(...caller.callArguments({ requiresLeader: true }, { deadline: Infinity })),
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
      const number = String((this.#sent += 1));
      this.#waiting.set(number, { stream, until: performance.now() + this.deadlineMs, resolve, reject });
      this.#watch ??= setTimeout(() => this.#giveUpLate(), this.deadlineMs).unref();
      for (const request of requestsFor(number, stream, events, expected)) this.call.write(request);
    });
  }

  #answered(answer: BatchAppendResp): void {
    const number = answer.getCorrelationId()?.getStructured()?.getLeastSignificantBits() ?? '';
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    const failure = answer.getError();
    if (failure) return waiting?.reject(asPortError(unpackToCommandError(failure, waiting.stream)));
    const success = answer.getSuccess();
    const position = success?.getPosition();
    waiting?.resolve({
      revision: Number(success?.getCurrentRevision()),
      position: position && { commit: position.getCommitPosition(), prepare: position.getPreparePosition() },
    });
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
function requestsFor(number: string, stream: string, events: readonly EventToAppend[], expected: 'none' | number) {
  const correlation = new shared.UUID();
  correlation.setStructured(new shared.UUID.Structured().setMostSignificantBits('0').setLeastSignificantBits(number));
  const requestOf = () => new streams.BatchAppendReq().setCorrelationId(correlation);
  let request = requestOf().setOptions(optionsFor(stream, expected));
  const requests = [request];
  let bytes = 0;
  for (const event of events) {
    const message = proposed(event);
    const size = message.getData_asU8().length + message.getCustomMetadata_asU8().length;
    if (bytes > 0 && bytes + size > MOST_BYTES) {
      requests.push((request = requestOf()));
      bytes = 0;
    }
    bytes += size;
    request.addProposedMessages(message);
  }
  request.setIsFinal(true);
  return requests;
}

function optionsFor(stream: string, expected: 'none' | number) {
  const options = new streams.BatchAppendReq.Options();
  const name = new shared.StreamIdentifier();
  name.setStreamName(encoder.encode(stream));
  options.setStreamIdentifier(name);
  if (expected === 'none') options.setNoStream(NO_STREAM);
  else options.setStreamPosition(String(expected));
  return options;
}

/** Operators can read and query what is stored as JSON; what is none is stored as plain bytes. */
function proposed({ id, type, data, metadata }: EventToAppend) {
  const message = new streams.BatchAppendReq.ProposedMessage();
  message.setId(new shared.UUID().setString(id));
  message
    .getMetadataMap()
    .set('type', type)
    .set('content-type', isJson(data) ? 'application/json' : 'application/octet-stream');
  message.setData(encoder.encode(data));
  message.setCustomMetadata(encoder.encode(metadata));
  return message;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
