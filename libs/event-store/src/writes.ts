import type { EventToAppend, StreamWrite } from './event-store.js';

const UUID = /^(?!0{8}-0{4}-0{4}-0{4}-0{12}$)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a message to a server may hold, less some: a larger one would break the connection, and with it the appends of others. */
const MOST_BYTES = 15 * 1024 * 1024;

/**
 * Refuses what no engine could append sensibly, and what one of them could not store or give back as it was: a programming error, so a
 * plain Error.
 */
export function checkWrites(writes: readonly StreamWrite[]): void {
  for (const write of writes) {
    checkWrite(write);
    for (const event of write.events) checkEvent(write.stream, event);
  }
}

function checkWrite({ stream, expected, events }: StreamWrite): void {
  if (stream === '' || stream.startsWith('$') || !stream.isWellFormed()) {
    throw new Error(`"${stream}" can't name a stream: a name is not empty, does not begin with "$", and is well-formed Unicode`);
  }
  if (events.length === 0) throw new Error(`a write to stream ${stream} has no events: leave it out`);
  if (new Set(events.map(({ id }) => id)).size < events.length) {
    throw new Error(`a write to stream ${stream} has two events of one id: an event needs an id of its own`);
  }
  if (typeof expected === 'number' && !(Number.isSafeInteger(expected) && expected >= 0)) {
    throw new Error(
      `expected revision ${expected} of stream ${stream} is not a revision: those count from 0; "none" means no stream`,
    );
  }
}

function checkEvent(stream: string, { id, type, data, metadata }: EventToAppend): void {
  if (!UUID.test(id)) throw new Error(`event id "${id}" for stream ${stream} is not a UUID in lower case`);
  if (type === '' || type.startsWith('$'))
    throw new Error(`event ${id} for stream ${stream} has the type "${type}": a type is not empty, and does not begin with "$"`);
  if (Buffer.byteLength(data) + Buffer.byteLength(metadata) > MOST_BYTES) {
    throw new Error(
      `event ${id} for stream ${stream} is larger than ${MOST_BYTES} bytes, more than an engine takes whatever its MaxAppendSize`,
    );
  }
  if (![type, data, metadata].every(text => text.isWellFormed())) {
    throw new Error(`event ${id} for stream ${stream} has a lone surrogate in its texts: UTF-8 can't hold it`);
  }
}
