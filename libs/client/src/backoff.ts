/** How long to wait before the next try. */
export interface Backoff {
  /** Before the first repetition, milliseconds; it doubles with each. */
  readonly baseMs: number;
  readonly capMs: number;
}

/** Half of the time is left to chance, so that clients that failed together do not come back together. @param failures from 0 */
export const delayOf = ({ baseMs, capMs }: Backoff, failures: number): number =>
  Math.min(capMs, baseMs * 2 ** failures) * (0.5 + Math.random() / 2);

/** Resolves after so many milliseconds. @throws the signal's reason as soon as it is aborted */
export function pause(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', leave);
      resolve();
    }, ms);
    if (signal?.aborted) leave();
    else signal?.addEventListener('abort', leave, { once: true });
  });
}
