/** Events of the engine as those of the port, byte for byte. */
import type { RecordedEvent } from '../event-store.js';
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

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();

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
