import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { problemOf, unexpectedProblem } from './problem.js';

/** Answers an error in the envelope; one that no one foresaw is logged whole and told as nothing but its operation id. */
export async function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): Promise<void> {
  const problem = problemOf(error) ?? unexpectedProblem;
  if (problem === unexpectedProblem) log.error({ operation_id: request.id, err: error }, 'unexpected error');
  await reply
    .status(problem.status)
    .headers({ ...problem.headers, 'Content-Type': 'application/problem+json' })
    // As bytes: to text Fastify would add a charset, and this media type has no such parameter.
    .send(Buffer.from(JSON.stringify(problem.envelope(request.id))));
}
