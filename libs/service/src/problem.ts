/** The one place where what went wrong becomes an HTTP answer. */
import { AuthenticationUnavailable, Unauthenticated } from '#access';
import { errorEnvelope, ERRORS, type ErrorEnvelope, type ErrorNumber, type FieldError } from '#contracts';
import type { Rejection } from '#domain';
import { EventStoreUnavailable, WrongExpectedRevision } from '#event-store';
import { PreconditionFailed, Rejected } from '#journal';
import { ReadStoreUnavailable, SearchSyntaxError } from '#read-store';

/** An answer that is an error, decided on purpose. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly number: ErrorNumber,
    readonly reason: string,
    readonly errors?: readonly FieldError[],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(reason);
  }

  get status(): number {
    return ERRORS[this.number].status;
  }

  envelope(operationId: string): ErrorEnvelope {
    return errorEnvelope(this.number, this.reason, operationId, this.errors);
  }
}

export const notFoundProblem = (what: string): Problem => new Problem(7, `there is no such ${what}`);

/** A body or parameter that is wrong, one entry a field. */
export const invalidProblem = (errors: readonly FieldError[]): Problem =>
  new Problem(8, errors.map(({ message }) => message).join('; '), errors);

/** A query parameter or header that is wrong. */
export const badRequest = (reason: string): Problem => new Problem(21, reason);

function ofRejection(rejection: Rejection): Problem {
  switch (rejection.rejected) {
    case 'invalid':
      return invalidProblem(rejection.errors);
    case 'not_found':
      return new Problem(7, rejection.message);
    case 'conflict':
      return new Problem(6, rejection.message);
    case 'forbidden':
      return new Problem(4, rejection.message);
  }
}

const RETRY_SOON = { 'Retry-After': '1' };

/** Errors of Fastify that have an answer of their own. */
const FASTIFY: Readonly<Record<string, readonly [ErrorNumber, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'the body is larger than 1 MiB'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [17, 'the body does not have the length that Content-Length declares'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [17, 'a body was declared, and it is empty'],
  FST_ERR_BAD_URL: [21, 'the path is not a valid URL path'],
  FST_ERR_ASYNC_CONSTRAINT: [21, 'the request can not be routed'],
};

/** What to answer to an error; undefined for one that no one foresaw. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof Rejected) return ofRejection(error.rejection);
  if (error instanceof PreconditionFailed) return new Problem(412, error.message);
  if (error instanceof SearchSyntaxError) return new Problem(23, error.message);
  if (error instanceof Unauthenticated) return new Problem(15, error.reason, undefined, { 'WWW-Authenticate': error.challenge });
  if (error instanceof AuthenticationUnavailable) return new Problem(503, error.message, undefined, RETRY_SOON);
  if (error instanceof WrongExpectedRevision)
    return new Problem(6, 'the resource is being changed by others; try again', undefined, RETRY_SOON);
  if (error instanceof EventStoreUnavailable)
    return new Problem(503, 'the event store is not available; a change may or may not have been stored', undefined, RETRY_SOON);
  if (error instanceof ReadStoreUnavailable) return new Problem(503, 'the read store is not available', undefined, RETRY_SOON);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    const known = FASTIFY[error.code];
    if (known) return new Problem(known[0], known[1]);
  }
  return undefined;
}

export const unexpectedProblem = new Problem(9, 'an unexpected error; the operation id finds it in the log');
