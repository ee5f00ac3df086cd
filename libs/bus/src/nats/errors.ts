/** What the client of NATS rejects with, told apart. */
import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { BusUnavailable, InvalidMessage } from '../bus.js';

/** Numbers that nats-server gives its errors (`err_code`). */
export const ErrorCode = {
  consumerNotFound: 10_014,
  nameInUse: 10_058,
  streamNotFound: 10_059,
  wrongLastSequence: 10_071,
  consumerNotUnique: 10_100,
  wrongLastSequenceUnknown: 10_164,
} as const;

export const hasCode = (error: unknown, ...codes: readonly number[]): boolean =>
  error instanceof JetStreamApiError && codes.includes(error.code);

/** No stream takes the subject, no consumer of the name is there, or JetStream does not run. */
export function isNoResponders(error: unknown): boolean {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  return cause instanceof errors.RequestError && cause.isNoResponders();
}

/** The error of the port. What the server calls a bad request is no trouble that passes, and stays what it is. */
export function asBusError(error: unknown): Error {
  if (error instanceof BusUnavailable || error instanceof InvalidMessage) return error;
  if (error instanceof errors.InvalidArgumentError)
    return new InvalidMessage(`NATS refuses it: ${error.message}`, { cause: error });
  if (error instanceof JetStreamApiError && error.status === 400) return error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new BusUnavailable(`NATS does not answer as it should: ${text}`, { cause: error });
}
