import { setTimeout as pause } from 'node:timers/promises';

const LOOK_AGAIN_MS = 20;

/**
 * Waits until a condition gives something truthy, and gives that. What the condition throws counts as "not yet".
 * @param timeoutMs after so long it fails, and says what it waited for
 */
export async function until<T>(condition: () => T | Promise<T>, timeoutMs: number, what?: string): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const value = await condition();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`still not so after ${timeoutMs} ms: ${what ?? condition.toString()}; last: ${String(last)}`);
    }
    await pause(LOOK_AGAIN_MS);
  }
}

/** Waits until the wall clock shows an instant (milliseconds since 1970). */
export const untilInstant = (at: number, graceMs = 5000): Promise<boolean> =>
  until(() => Date.now() >= at, Math.max(0, at - Date.now()) + graceMs, `the clock shows ${new Date(at).toISOString()}`);
