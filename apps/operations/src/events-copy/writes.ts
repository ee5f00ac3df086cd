import type { RecordedEvent, StreamWrite } from '#event-store';

/** Bytes in a write at most, a single event aside: EventStoreDB takes 1 MiB unless it is told otherwise. */
const WRITE_BYTES = 512 * 1024;

/** Events of one stream, at least one. */
type Run = [RecordedEvent, ...RecordedEvent[]];

/** Writes that append the events in this very order: only those of one stream that follow one another share a write. */
export function asWrites(events: readonly RecordedEvent[]): StreamWrite[] {
  const runs: Run[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(event.data) + Buffer.byteLength(event.metadata);
    const run = runs.at(-1);
    if (run?.[0].stream === event.stream && bytes + size <= WRITE_BYTES) {
      run.push(event);
      bytes += size;
    } else {
      runs.push([event]);
      bytes = size;
    }
  }
  return runs.map(asWrite);
}

function asWrite(run: Run): StreamWrite {
  const [{ stream, revision }] = run;
  const events = run.map(({ id, type, data, metadata }) => ({ id, type, data, metadata }));
  return { stream, expected: revision === 0 ? 'none' : revision - 1, events };
}
