/** The log of a system, followed by another process than those that write it. */
import { setTimeout as expired } from 'node:timers/promises';
import type { SubscriptionBatch } from '#event-store';
import { withEvents } from './stores.js';

/**
 * Shows each batch of a log to `look`, until that says true.
 * @param options.from the beginning of the log, or (by default) what comes after this call
 */
export async function watchLog(
  dataDir: string,
  look: (batch: SubscriptionBatch) => boolean,
  { timeoutMs = 60_000, what, from = 'now' }: { timeoutMs?: number; what: string; from?: 'now' | 'beginning' },
): Promise<void> {
  const stop = new AbortController();
  const watching = withEvents(dataDir, async store => {
    const after = from === 'now' ? await store.head() : undefined;
    for await (const batch of store.subscribe({ after, signal: stop.signal })) if (look(batch)) return true;
    return false;
  });
  const timeout = expired(timeoutMs, false, { signal: stop.signal }).catch(() => false);
  try {
    if (!(await Promise.race([watching, timeout]))) throw new Error(`still not so after ${timeoutMs} ms: ${what}`);
  } finally {
    stop.abort();
    await watching.catch(() => false);
  }
}

/** Resolves when so many more events of a type (of any, without one) are in the log. */
export function moreEvents(dataDir: string, count: number, type?: string): Promise<void> {
  return watchLog(dataDir, counting(count, type), { what: `${count} more ${type ?? 'events'}` });
}

/** Resolves when the log holds so many events of a type (of any, without one), those from before this call included. */
export function eventsInAll(dataDir: string, count: number, type?: string): Promise<void> {
  const what = `${count} ${type ?? 'events'} in all`;
  return watchLog(dataDir, counting(count, type), { timeoutMs: 300_000, from: 'beginning', what });
}

function counting(count: number, type?: string): (batch: SubscriptionBatch) => boolean {
  let left = count;
  return ({ events }) => {
    left -= events.filter(event => type === undefined || event.type === type).length;
    return left <= 0;
  };
}
