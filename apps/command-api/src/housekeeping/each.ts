import type { Logger } from '@nestjs/common';
import { problemOf } from '#service';
import { atOnce } from '../support/at-once.js';

const AT_ONCE = 16;

/**
 * Does the work for each, some at once. What fails is logged and left to the next pass, and keeps nothing else from its turn; but where an
 * engine is away, everything is.
 * @throws the error that says that an engine is away
 */
export async function forEach<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  { what, logger, signal }: { what: (item: T) => string; logger: Logger; signal: AbortSignal },
): Promise<void> {
  await atOnce(AT_ONCE, items, async item => {
    if (signal.aborted) return;
    try {
      await work(item);
    } catch (error) {
      if (problemOf(error)?.status === 503) throw error;
      logger.error(new Error(`${what(item)} could not be put right, and is tried again`, { cause: error }));
    }
  });
}
