import { JetStreamApiError } from '@nats-io/jetstream';
import { FeedStreamMoved, FeedUnavailable, MessageRefused } from '../feed-stream.js';
import type { FeedMessage } from '../message.js';

/** Numbers of the server's errors (nats-server, `server/errors.json`). */
export const ErrorCode = {
  StreamNotFound: 10059,
  MessageExceedsMaximum: 10054,
  StreamNotMatch: 10060,
  WrongLastSequence: 10071,
} as const;

export const hasCode = (error: unknown, ...codes: readonly number[]): boolean =>
  error instanceof JetStreamApiError && codes.includes(error.code);

/**
 * An error of the client in the words of the port.
 * @param message what was published, if anything was
 */
export function feedError(error: unknown, message?: FeedMessage): Error {
  const text = error instanceof Error ? error.message : String(error);
  if (hasCode(error, ErrorCode.WrongLastSequence, ErrorCode.StreamNotMatch, ErrorCode.StreamNotFound)) {
    return new FeedStreamMoved(text, { cause: error });
  }
  if (message && hasCode(error, ErrorCode.MessageExceedsMaximum)) return new MessageRefused(message.position, text);
  return new FeedUnavailable(text, { cause: error });
}

/** Asks the server; its errors come in the words of the port. */
export async function asking<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw feedError(error);
  }
}
