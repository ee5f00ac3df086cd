import { setImmediate, setTimeout } from 'node:timers/promises';
import type { RecordedEvent, SubscribeOptions, SubscriptionBatch } from '../event-store.js';
import type { Commits } from './commits.js';
import { type LogReader, rowOf } from './log-reader.js';

/** The least time between two looks at the log, in milliseconds: under load a subscription reads what many commits brought at once. */
const PACE_MS = 20;

/** What a subscription needs of the store. */
export interface Followed {
  readonly reader: LogReader;
  readonly commits: Commits;
}

/** A subscription: reads batch after batch up to the head, then again after each commit, until the signal aborts. */
export async function* follow({ reader, commits }: Followed, options: SubscribeOptions): AsyncGenerator<SubscriptionBatch, void> {
  const { signal, batchSize = 500 } = options;
  const next = cursor(reader, options, batchSize);
  let row = rowOf(options.after);
  let first = true;
  while (!signal.aborted) {
    const seen = commits.count;
    const looked = performance.now();
    const head = reader.head();
    // The head is read first: when the events that follow do not fill a batch, nothing up to that head is left.
    const events = first || head > row ? next() : [];
    const last = rowOf(events.at(-1)?.position);
    const caughtUp = events.length < batchSize || last === head;
    const reached = events.length < batchSize ? Math.max(row, head, last) : last;
    if (first || reached > row) yield { events, position: positionOf(reached), caughtUp };
    first = false;
    row = reached;
    if (!caughtUp) await setImmediate();
    else {
      await commits.after(seen, signal);
      await passed(looked + PACE_MS, signal);
    }
  }
}

/** Resolves at a time of `performance.now()`, at once when it is over, or when the signal aborts. */
async function passed(time: number, signal: AbortSignal): Promise<void> {
  const rest = time - performance.now();
  if (rest > 0 && !signal.aborted) await setTimeout(rest, undefined, { signal }).catch(() => {});
}

/** Reads on, at each call, from where the call before ended. */
function cursor(reader: LogReader, { stream, after, categories }: SubscribeOptions, size: number): () => RecordedEvent[] {
  let row = rowOf(after);
  if (stream === undefined) {
    return () => {
      const events = reader.log('forwards', row, categories, size);
      row = Math.max(row, rowOf(events.at(-1)?.position));
      return events;
    };
  }
  let revision = reader.revisionAfter(stream, row);
  return () => {
    const events = reader.stream(stream, 'forwards', revision, size);
    revision += events.length;
    return events;
  };
}

/** The position of a row; none before the first event. */
export function positionOf(row: number): string | undefined {
  return row === 0 ? undefined : String(row).padStart(20, '0');
}
