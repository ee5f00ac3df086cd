import { headers as natsHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { MessageRefused } from '../feed-stream.js';
import type { FeedMessage } from '../message.js';

/** A message as it goes out. */
export interface Packed {
  readonly message: FeedMessage;
  readonly data: Uint8Array;
  readonly headers: MsgHdrs;
  /** Bytes, headers included. */
  readonly size: number;
}

/** What the client adds: message id, expected stream and sequence, the line in front. */
const OWN_HEADERS_BYTES = 256;
/** On the way at a time: the server answers within the timeout, and memory is bounded. */
const FLIGHT_MESSAGES = 1000;
const FLIGHT_BYTES = 4 * 1024 * 1024;

const encoder = new TextEncoder();

/**
 * @param most bytes that the server takes, headers included; it would close the connection on more
 * @throws {MessageRefused} for a message of more
 */
export function packed(message: FeedMessage, most: number): Packed {
  const data = encoder.encode(message.data);
  const headers = natsHeaders();
  let size = data.length + OWN_HEADERS_BYTES;
  for (const [name, value] of Object.entries(message.headers)) {
    headers.set(name, value);
    size += name.length + value.length + ': \r\n'.length;
  }
  if (size <= most) return { message, data, headers, size };
  throw new MessageRefused(message.position, `with its headers it has ${size} bytes, the server takes ${most} (max_payload)`);
}

/** Messages in their order, in parts that may be on the way at once. */
export function* flights(messages: readonly Packed[]): Generator<readonly Packed[]> {
  let flight: Packed[] = [];
  let bytes = 0;
  for (const message of messages) {
    if (flight.length === FLIGHT_MESSAGES || (flight.length > 0 && bytes + message.size > FLIGHT_BYTES)) {
      yield flight;
      [flight, bytes] = [[], 0];
    }
    flight.push(message);
    bytes += message.size;
  }
  if (flight.length > 0) yield flight;
}
