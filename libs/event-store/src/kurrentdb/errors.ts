/** The client's errors in the words of the port. */
import { isNativeError } from 'node:util/types';
import {
  DeadlineExceededError,
  ErrorType,
  MaxAppendSizeExceededError,
  WrongExpectedVersionError,
} from '@kurrent/kurrentdb-client';
import { EventStoreUnavailable } from '../event-store.js';

/**
 * The engine has understood and refuses: it would refuse again. Everything else means that it could not be asked, be it that it is away,
 * starting, too busy, electing a leader, or that it does not know us (yet). Names of the client's own errors and of its bridge's.
 */
const REFUSALS: ReadonlySet<string> = new Set([
  ErrorType.WRONG_EXPECTED_VERSION,
  ErrorType.INVALID_ARGUMENT,
  ErrorType.STREAM_DELETED,
  ErrorType.STREAM_TOMBSTONED,
  ErrorType.APPEND_RECORD_SIZE_EXCEEDED,
  ErrorType.TRANSACTION_MAX_SIZE_EXCEEDED,
  ErrorType.UNSUPPORTED,
  'StreamDeletedError',
]);
const MISSING: ReadonlySet<string> = new Set([ErrorType.STREAM_NOT_FOUND, 'StreamNotFoundError']);

const kindOf = (error: Error): string => (error as { type?: string }).type ?? error.name;

export function isWrongExpectedVersion(error: unknown): error is WrongExpectedVersionError {
  return error instanceof WrongExpectedVersionError;
}

/** There is no such stream. */
export function isMissingStream(error: unknown): boolean {
  return isNativeError(error) && MISSING.has(kindOf(error));
}

/** The engine itself gave the call up, and what became of it is unknown. */
export function isTimeoutOfEngine(error: unknown): boolean {
  return error instanceof EventStoreUnavailable && error.cause instanceof DeadlineExceededError;
}

/** No node of the cluster answered. After that, a client never appends again: it remembers the failure. */
export function isFailedDiscovery(error: unknown): boolean {
  return isNativeError(error) && error.message.startsWith('Failed to discover');
}

/** What to throw in place of what a call of the client threw: the error itself only when trying again is no use. */
export function asPortError(error: unknown): unknown {
  if (!isNativeError(error) || error instanceof EventStoreUnavailable) return error;
  if (error instanceof MaxAppendSizeExceededError) {
    const message = `the engine takes ${error.maxAppendSize} bytes of events in one write at most (its option MaxAppendSize)`;
    return new Error(message, { cause: error });
  }
  if (REFUSALS.has(kindOf(error))) return error;
  return new EventStoreUnavailable(error.message || kindOf(error), { cause: error });
}
