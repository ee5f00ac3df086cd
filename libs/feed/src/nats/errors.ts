import { JetStreamApiError } from '@nats-io/jetstream';
import { FeedStreamMoved, FeedUnavailable, MessageRefused } from '../feed-stream.js';
import type { FeedMessage } from '../message.js';

/** Numbers of the server's errors (nats-server, `server/errors.json`). */
export const ErrorCode = {
  StreamNotFound: 10059,
  MessageExceedsMaximum: 10054,
  StreamNotMatch: 10060,
  WrongLastMessageId: 10070,
  WrongLastSequence: 10071,
} as const;

const MOVED = [ErrorCode.StreamNotFound, ErrorCode.StreamNotMatch, ErrorCode.WrongLastMessageId, ErrorCode.WrongLastSequence];

export const hasCode = (error: unknown, code: number): boolean => error instanceof JetStreamApiError && error.code === code;

/**
 * An error of the client in the words of the port.
 * @param message what was published, if anything was
 */
export function feedError(error: unknown, message?: FeedMessage): Error {
  const text = error instanceof Error ? error.message : String(error);
  if (MOVED.some(code => hasCode(error, code))) {
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
