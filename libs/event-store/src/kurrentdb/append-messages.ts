/**
 * What goes over an open call of appends and comes back, as bytes: Protocol Buffers by `protobufjs`, which takes a third of the time that the
 * client's generated messages take.
 */
import streams, { type BatchAppendResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import Long from 'long';
import protobuf from 'protobufjs';
import type { EventToAppend } from '../event-store.js';
import type { LogPosition } from './positions.js';

// It finds it by itself only where it may `require`; without it large numbers would lose digits.
protobuf.util.Long = Long;
protobuf.configure();

/**
 * As much of `streams.proto` and `shared.proto`, package `event_store.client`, as appends need. What is `bytes` there and text here is the same
 * on the wire: UTF-8.
 */
const { root } = protobuf.parse(
  `syntax = "proto3";
  message Empty {}
  message UUID {
    message Structured { int64 most_significant_bits = 1; int64 least_significant_bits = 2; }
    oneof value { Structured structured = 1; string string = 2; }
  }
  message StreamIdentifier { string stream_name = 3; }
  message Options {
    StreamIdentifier stream_identifier = 1;
    oneof expected_stream_position { uint64 stream_position = 2; Empty no_stream = 3; }
  }
  message ProposedMessage { UUID id = 1; map<string, string> metadata = 2; string custom_metadata = 3; string data = 4; }
  message BatchAppendReq {
    UUID correlation_id = 1;
    Options options = 2;
    repeated ProposedMessage proposed_messages = 3;
    bool is_final = 4;
  }
  message AllStreamPosition { uint64 commit_position = 1; uint64 prepare_position = 2; }
  message Success { uint64 current_revision = 1; AllStreamPosition position = 3; }
  message BatchAppendResp { UUID correlation_id = 1; bytes error = 2; Success success = 3; }`,
  { keepCase: true },
);
const REQUEST = root.lookupType('BatchAppendReq');
const ANSWER = root.lookupType('BatchAppendResp');

/** A piece of an append: the events may be too many for one message. */
export interface AppendRequest {
  /** Comes back with the answer. */
  readonly number: number;
  /** In the first piece only. */
  readonly to?: { readonly stream: string; readonly expected: 'none' | number } | undefined;
  readonly events: readonly EventToAppend[];
  readonly isFinal: boolean;
}

export interface AppendAnswer {
  readonly number: number;
  readonly failure: ReturnType<BatchAppendResp['getError']>;
  /** Of the last event. */
  readonly revision: number;
  /** A repetition of what is not replicated yet is answered without one. */
  readonly position: LogPosition | undefined;
}

/** `BatchAppendReq`, serialized. */
export function encodeAppend({ number, to, events, isFinal }: AppendRequest): Buffer {
  const message = {
    correlation_id: { structured: { most_significant_bits: 0, least_significant_bits: number } },
    options: to && {
      stream_identifier: { stream_name: to.stream },
      ...(to.expected === 'none' ? { no_stream: {} } : { stream_position: to.expected }),
    },
    proposed_messages: events.map(proposed),
    is_final: isFinal,
  };
  return REQUEST.encode(message).finish() as Buffer;
}

/** Operators can read and query what is stored as JSON; what is none is stored as plain bytes. */
const proposed = ({ id, type, data, metadata }: EventToAppend) => ({
  id: { string: id },
  metadata: { type, 'content-type': isJson(data) ? 'application/json' : 'application/octet-stream' },
  custom_metadata: metadata,
  data,
});

/** What is not there is null. */
interface Decoded {
  readonly correlation_id: { readonly structured: { readonly least_significant_bits: Long } | null } | null;
  readonly error: Uint8Array;
  readonly success: {
    readonly current_revision: Long;
    readonly position: { readonly commit_position: Long; readonly prepare_position: Long } | null;
  } | null;
}

/** @param bytes `BatchAppendResp`, serialized */
export function decodeAnswer(bytes: Uint8Array): AppendAnswer {
  const { correlation_id, error, success } = ANSWER.decode(bytes) as unknown as Decoded;
  const position = success?.position;
  return {
    number: correlation_id?.structured?.least_significant_bits.toNumber() ?? Number.NaN,
    // What a failure is made of is the client's to understand.
    failure: error.length > 0 ? streams.BatchAppendResp.deserializeBinary(bytes).getError() : undefined,
    revision: success?.current_revision.toNumber() ?? Number.NaN,
    position: position
      ? { commit: position.commit_position.toString(), prepare: position.prepare_position.toString() }
      : undefined,
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
