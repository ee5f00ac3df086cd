import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoExpiredSessionError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoServerError,
  MongoSystemError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} from 'mongodb';
import { ReadStoreUnavailable } from '../read-store.js';

/** Codes of MongoDB (its manual's "Error Codes"). */
export const DUPLICATE_KEY = 11000;
const TOO_LARGE: ReadonlySet<number> = new Set([10334, 17280, 17419, 17420]);
/** A server that can't serve now, or does not let this client in, as opposed to a mistake of ours. */
const UNAVAILABLE: ReadonlySet<number> = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  13, // Unauthorized
  18, // AuthenticationFailed
  50, // MaxTimeMSExpired
  64, // WriteConcernFailed
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern
  112, // WriteConflict
  134, // ReadConcernMajorityNotAvailableYet
  175, // QueryPlanKilled
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  262, // ExceededTimeLimit
  317, // ConnectionPoolExpired
  365, // TemporarilyUnavailable
  9001, // SocketException
  10058, // LegacyNotPrimary
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11601, // Interrupted
  11602, // InterruptedDueToReplStateChange
  13388, // StaleConfig
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
  14031, // OutOfDiskSpace
]);

const AWAY = [
  MongoNetworkError,
  // No server was found in time.
  MongoSystemError,
  MongoWriteConcernError,
  MongoNotConnectedError,
  MongoTopologyClosedError,
  MongoServerClosedError,
  MongoClientClosedError,
  MongoExpiredSessionError,
] as const;

/** Name of an error that the driver does not export: no connection was free in time. */
const WAITED_FOR_CONNECTION = 'MongoWaitQueueTimeoutError';

/** An error of the driver as the port's error, where it is one; any other error as it is. */
export function toPortError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const codes = codesOf(error);
  if (isAway(error) || codes.some(code => UNAVAILABLE.has(code)))
    return new ReadStoreUnavailable(`the read store: ${error.message}`, { cause: error });
  if (!codes.some(code => TOO_LARGE.has(code))) return error;
  return new TypeError(`the read store refuses a document: ${error.message}`, { cause: error });
}

/** All that is wrong, where an answer is of several writes. */
function codesOf(error: Error): number[] {
  if (!(error instanceof MongoServerError)) return [];
  const writes = error instanceof MongoBulkWriteError ? [error.writeErrors].flat().map(({ code }) => code) : [];
  return [Number(error.code), ...writes];
}

function isAway(error: Error): boolean {
  if (AWAY.some(kind => error instanceof kind) || error.name === WAITED_FOR_CONNECTION) return true;
  if (error instanceof MongoBulkWriteError && wasCutOff(error)) return true;
  if (error instanceof MongoServerError) return error.hasErrorLabel('RetryableWriteError');
  // The name server of a mongodb+srv URL does not answer: the driver leaves Node's error as it is.
  return 'syscall' in error;
}

/** A bulk hides what the driver met with: it leaves no code then, and no error of a write. */
function wasCutOff({ result, writeErrors, code }: MongoBulkWriteError): boolean {
  return result.getWriteConcernError() !== undefined || ([writeErrors].flat().length === 0 && code === undefined);
}
