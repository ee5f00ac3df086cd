import { setImmediate } from 'node:timers/promises';

/**
 * Waits until a condition holds, and lets everything else run meanwhile. Says what it waited for when it did not come in `timeoutMs`
 * milliseconds.
 */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`still not so after ${timeoutMs} ms: ${condition.toString()}`);
    await setImmediate();
  }
}
