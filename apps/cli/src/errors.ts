/** How a command that does not succeed ends: with an exit code that a script can tell apart, and a line on standard error. */
import { printable } from './output/text.js';

export const EXIT = { ok: 0, failed: 1, usage: 2, notFound: 3, notAllowed: 4, unavailable: 5, interrupted: 130 } as const;

/** The command was not called as it must be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** There is nothing of that name. */
export class Missing extends Error {
  override readonly name = 'Missing';
}

/** Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Engines that do not answer: by name, since their classes come with all of their clients. */
const AWAY: ReadonlySet<string> = new Set([
  'Unreachable',
  'BusUnavailable',
  'FeedUnavailable',
  'EventStoreUnavailable',
  'ReadStoreUnavailable',
]);

export async function exitCodeOf(error: unknown): Promise<number> {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof Missing) return EXIT.notFound;
  if (error instanceof Interrupted) return EXIT.interrupted;
  const client = await import('#client');
  if (error instanceof client.NotFoundError) return EXIT.notFound;
  if (error instanceof client.UnauthenticatedError || error instanceof client.ForbiddenError) return EXIT.notAllowed;
  const isAway =
    (error instanceof Error && AWAY.has(error.name)) ||
    error instanceof client.ConnectionError ||
    error instanceof client.UnavailableError ||
    error instanceof client.TooManyRequestsError;
  return isAway ? EXIT.unavailable : EXIT.failed;
}

/** One line for people; none where they know already. */
export async function explain(error: unknown): Promise<string | undefined> {
  if (error instanceof Interrupted) return undefined;
  const client = await import('#client');
  const reason = printable(error instanceof Error ? error.message : String(error));
  if (error instanceof client.UnauthenticatedError) {
    return `${reason} (set AMBIENT_TOKEN, or keep a token with "ambientctl context set")`;
  }
  if (error instanceof client.ConnectionError) return `${reason} (is the server there? AMBIENT_API_URL or --url says where)`;
  if (error instanceof client.ApiError && error.status >= 500 && error.operationId !== '') {
    return `${reason} (operation ${error.operationId})`;
  }
  return reason;
}
