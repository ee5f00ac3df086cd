import { EventStoreUnavailable } from '../event-store.js';

/**
 * What a call answers, unless it takes too long: then its outcome is unknown.
 * @throws {EventStoreUnavailable} after `ms` milliseconds
 */
export async function within<T>(ms: number, what: string, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new EventStoreUnavailable(`${what} has not been answered within ${ms} ms`)), ms);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
