/** Between the events of the port and those of the client, byte for byte. */
import { binaryEvent, jsonEvent, type EventData, type JSONType } from '@kurrent/kurrentdb-client';
import type { EventToAppend, RecordedEvent } from '../event-store.js';
import { positionOf, type LogPosition } from './positions.js';

/** An event as it was stored, before the client makes objects of its bytes. */
export interface RawEvent {
  readonly streamId: string;
  readonly id: string;
  readonly type: string;
  readonly revision: bigint | string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
  readonly position?: LogPosition | undefined;
}

const encoder = new TextEncoder();
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();

/**
 * The client writes JSON itself, from values. So an event is stored as JSON, which operators can read and query, when that writes the very
 * text that was handed over, as it does with canonical JSON; and as plain bytes when it would change as much as a space.
 */
export function asEventData({ id, type, data, metadata }: EventToAppend): EventData {
  const bytes = encoder.encode(metadata);
  const value = valueWrittenAs(data);
  if (value === undefined) return binaryEvent({ id, type, data: encoder.encode(data), metadata: bytes });
  return jsonEvent({ id, type, data: value, metadata: bytes });
}

/** The value that `JSON.stringify` writes as exactly this text; undefined when there is none. */
function valueWrittenAs(text: string): JSONType | undefined {
  try {
    const value = JSON.parse(text) as JSONType;
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @throws {Error} the engine has not told the position: it is older than EventStoreDB 22.10 */
export function asRecorded({ streamId, id, type, revision, data, metadata, position }: RawEvent): RecordedEvent {
  if (!position)
    throw new Error(`event ${id} of stream ${streamId} came without its position: EventStoreDB 23.10 or later is needed`);
  return {
    stream: streamId,
    revision: Number(revision),
    position: positionOf(position),
    id,
    type,
    data: textOf(data),
    metadata: textOf(metadata),
  };
}
