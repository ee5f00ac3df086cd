import { type Log } from './log.js';

/** Runs the work of a lease to its end, unless it is told to stop before; a failure is logged. */
export async function runLedWork(
  name: string,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  if (signal.aborted) return;
  try {
    await work(signal);
  } catch (error) {
    if (!isAbort(error, signal)) log.error(`the work of ${name} failed: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

/** A work that ends because it was told to is no failure. */
const isAbort = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
