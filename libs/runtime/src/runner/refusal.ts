import type { FastifyError } from 'fastify';
import { errorEnvelope, ERRORS, type ErrorNumber } from '#contracts';
import { FileTooLarge, InTheWay, MAX_FILE_BYTES, NotThere, PathRefused } from '../folder/index.js';
import { SessionConflict, SessionNotFound } from '../session-api.js';

/** An answer of a runner that is an error, decided on purpose. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly number: ErrorNumber,
    message: string,
  ) {
    super(message);
  }
}

/** Answers of Fastify that are about the request. */
const OF_FASTIFY: Readonly<Record<string, Refusal>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: new Refusal(413, `the body is too large; a file must not be larger than ${MAX_FILE_BYTES} bytes`),
  FST_ERR_CTP_EMPTY_JSON_BODY: new Refusal(17, 'the body must not be empty'),
  FST_ERR_CTP_INVALID_JSON_BODY: new Refusal(17, 'the body must be JSON'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: new Refusal(17, 'the Content-Type must be application/json'),
};

/** What to answer to an error; undefined for one that no one foresaw. */
function refusalOf(error: Error): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof PathRefused) return new Refusal(21, error.message);
  if (error instanceof NotThere || error instanceof SessionNotFound) return new Refusal(7, error.message);
  if (error instanceof InTheWay || error instanceof SessionConflict) return new Refusal(6, error.message);
  if (error instanceof FileTooLarge) return new Refusal(413, error.message);
  return OF_FASTIFY[(error as FastifyError).code];
}

/** The status and body of the answer to an error; `foreseen` is false for one that belongs in the log. */
export function answerOf(error: Error, operationId: string): { status: number; body: object; foreseen: boolean } {
  const refusal = refusalOf(error);
  const { number, message } = refusal ?? new Refusal(9, 'an unexpected error; the operation id finds it in the log');
  return { status: ERRORS[number].status, body: errorEnvelope(number, message, operationId), foreseen: refusal !== undefined };
}
