/** `Idempotency-Key`: the same key and body give the same answer and no second effect, also across a crash. */
import { Inject, Injectable } from '@nestjs/common';
import { createHash, randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Sealer } from '#access';
import { canonicalJson, streams, type ErrorNumber, type FieldError } from '#contracts';
import { WrongExpectedRevision } from '#event-store';
import {
  badRequest,
  contextOf,
  EMPTY_BODY,
  instant,
  Problem,
  problemOf,
  repeatableIds,
  type KeptAnswers,
  type RequestContext,
} from '#service';
import { Commands } from '../support/commands.js';
import { SEALER } from '../support/secrets.js';
import { idempotency } from './idempotency.decider.js';

const KEPT_MS = 24 * 3_600_000;
/** No request takes longer: one that was accepted before and has no answer has died. */
const IN_FLIGHT_MS = 30_000;
const KEY = /^[\x21-\x7e]{1,255}$/;

/** The answer as it is kept, sealed: it may hold what only editors may see. */
type Answer =
  | { readonly body: unknown }
  | {
      readonly problem: {
        readonly number: ErrorNumber;
        readonly reason: string;
        readonly errors?: readonly FieldError[] | undefined;
      };
    };

@Injectable()
export class Idempotency implements KeptAnswers {
  /** Streams of requests that this process is handling, and of those that failed here without an answer. */
  private readonly running = new Set<string>();
  private readonly failed = new Set<string>();

  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(SEALER) private readonly sealer: Sealer,
  ) {}

  async once(
    key: string | string[],
    request: FastifyRequest,
    reply: FastifyReply,
    handle: () => Promise<unknown>,
  ): Promise<unknown> {
    if (typeof key !== 'string' || !KEY.test(key)) throw badRequest('Idempotency-Key must be 1 to 255 visible ASCII characters');
    const context = contextOf(request);
    const stream = streams.idempotency(context.caller.principal.id, key);
    if (this.running.has(stream)) throw inFlight();
    this.running.add(stream);
    try {
      const kept = await this.accept(stream, request, context);
      if (kept) return this.replay(kept.sealed_body, kept.etag, reply);
      context.idempotencyKey = key;
      return await this.answer(stream, context, reply, handle);
    } finally {
      this.running.delete(stream);
    }
  }

  /** The answer that is kept; or none, and the request's time and ids are those of its first acceptance. */
  private async accept(stream: string, request: FastifyRequest, context: RequestContext) {
    const body = request.body === EMPTY_BODY ? undefined : request.body;
    const body_hash = createHash('sha256')
      .update(canonicalJson([request.url, body ?? null]))
      .digest('hex');
    const { state } = await this.commands.journal.load(idempotency, stream);
    const age = state.accepted ? context.now - Date.parse(state.accepted.accepted_at) : Infinity;
    if (state.accepted && age < KEPT_MS) {
      if (state.accepted.body_hash !== body_hash) throw new Problem(422, 'this Idempotency-Key was used for another request');
      if (state.answer) return state.answer;
      if (age < IN_FLIGHT_MS && !this.failed.delete(stream)) throw inFlight();
      repeat(context, state.accepted);
      context.isRepetition = true;
      return undefined;
    }
    const accepted = { caller: context.caller.principal.id, body_hash, accepted_at: instant(context.now), seed: randomUUID() };
    try {
      await this.commands.commit(await this.commands.plan(idempotency, stream, { type: 'AcceptRequest', ...accepted }, context));
    } catch (error) {
      throw error instanceof WrongExpectedRevision ? inFlight() : error;
    }
    repeat(context, accepted);
    return undefined;
  }

  private async answer(
    stream: string,
    context: RequestContext,
    reply: FastifyReply,
    handle: () => Promise<unknown>,
  ): Promise<unknown> {
    try {
      const body = await handle();
      await this.keep(stream, reply.statusCode, { body }, reply.getHeader('ETag'), context);
      return body;
    } catch (error) {
      const problem = problemOf(error);
      if (problem && problem.status < 500) {
        const { number, reason, errors } = problem;
        await this.keep(stream, problem.status, { problem: { number, reason, errors } }, undefined, context);
      } else {
        this.failed.add(stream);
      }
      throw error;
    }
  }

  private async keep(stream: string, status: number, answer: Answer, etag: unknown, context: RequestContext): Promise<void> {
    const sealed_body = this.sealer.seal(JSON.stringify(answer));
    const command = { type: 'AnswerRequest', status, sealed_body, ...(typeof etag === 'string' ? { etag } : {}) } as const;
    await this.commands.commit(await this.commands.plan(idempotency, stream, command, context));
  }

  private replay(sealedBody: string, etag: string | undefined, reply: FastifyReply): unknown {
    const answer = JSON.parse(this.sealer.open(sealedBody)) as Answer;
    if ('problem' in answer) throw new Problem(answer.problem.number, answer.problem.reason, answer.problem.errors);
    if (etag !== undefined) void reply.header('ETag', etag);
    return answer.body;
  }
}

const inFlight = (): Problem =>
  new Problem(6, 'a request with this Idempotency-Key is being handled', undefined, { 'Retry-After': '1' });

function repeat(context: RequestContext, { accepted_at, seed }: { accepted_at: string; seed: string }): void {
  context.now = Date.parse(accepted_at);
  context.ids = repeatableIds(context.now, seed);
}
