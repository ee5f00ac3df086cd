import type { StreamWrite } from './event-store.js';

/** Refuses what no engine could append sensibly and no caller means: a programming error, so a plain Error. */
export function checkWrites(writes: readonly StreamWrite[]): void {
  for (const { stream, expected, events } of writes) {
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
}
