/** What a handler knows of its request: who asks, in which project, with which ids and at what time. */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { createHash, randomFillSync, randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '#access';
import { deterministicUuid, ksuid, type DomainEvent, type Need, type RoleId } from '#contracts';
import { permit } from '#access';
import type { Cause } from '#journal';
import { instant } from './clock.js';
import { badRequest, notFoundProblem, Problem } from './problem.js';

/** A caller with the roles that hold for the request: everywhere, and in its project. */
export class Caller {
  constructor(
    readonly principal: Principal,
    readonly roles: readonly RoleId[],
  ) {}

  may(need: Need): boolean {
    return permit(need, this.roles) === 'granted';
  }

  /** @throws {Problem} 404 where the caller may not even look, else 403 */
  demand(need: Need, what: string): void {
    switch (permit(need, this.roles)) {
      case 'granted':
        return;
      case 'forbidden':
        throw new Problem(4, `this needs role ${need}`);
      case 'hidden':
        throw notFoundProblem(what);
    }
  }
}

/** Makes ids: random, or the same again for a request that is repeated under its Idempotency-Key. */
export interface Ids {
  /** A new aggregate's KSUID. `label` tells several of one request apart. */
  ksuid(label: string): string;
  /** An event's UUID. */
  event(stream: string, event: DomainEvent, index: number): string;
}

/** Random bytes are drawn 4 KiB at a time: one draw costs as much as a small one. */
const pool = Buffer.alloc(4096);
let drawn = pool.length;

function random16(): Uint8Array {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  drawn += 16;
  return pool.subarray(drawn - 16, drawn);
}

export const randomIds = (now: number): Ids => ({
  ksuid: () => ksuid(now, random16()),
  event: () => randomUUID(),
});

/** @param seed the same for every repetition of the request */
export const repeatableIds = (now: number, seed: string): Ids => ({
  ksuid: label => ksuid(now, createHash('sha256').update(`${seed}/${label}`).digest().subarray(0, 16)),
  event: (stream, event, index) => deterministicUuid(seed, stream, event.type, String(index)),
});

export interface RequestContext {
  readonly caller: Caller;
  readonly operationId: string;
  readonly traceparent?: string | undefined;
  /** Milliseconds since 1970: when the request was accepted. */
  now: number;
  ids: Ids;
  idempotencyKey?: string | undefined;
  /** Has the request handled unless an answer to it is kept: set where it carries an Idempotency-Key. */
  once?: ((handle: () => Promise<unknown>) => Promise<unknown>) | undefined;
  /** It was accepted before, under its Idempotency-Key, and got no answer: how far it came is not known. */
  isRepetition?: boolean;
  /** Revision that If-Match names. */
  readonly ifMatch?: number | undefined;
  /** Project of the route, once the guard has seen that the caller may look at it. */
  readonly projectId?: string | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    operationId: string;
    context?: RequestContext;
  }
}

export const contextOf = (request: FastifyRequest): RequestContext => {
  if (!request.context) throw new Error('the guard has not run for this request');
  return request.context;
};

/** The {@link RequestContext} as a handler's parameter. */
export const Context = createParamDecorator((_: unknown, host: ExecutionContext) => contextOf(host.switchToHttp().getRequest()));

/** The cause of the events that a request leads to. */
export function causeOf({ caller, operationId, traceparent, now }: RequestContext): Cause {
  return {
    actor: { id: caller.principal.id, kind: caller.principal.kind },
    occurred_at: instant(now),
    correlation_id: operationId,
    causation_id: operationId,
    operation_id: operationId,
    traceparent,
  };
}

/** `"7"` → 7; undefined for none and for `*`. */
export function parseIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const revision = /^(?:W\/)?"(\d{1,15})"$/.exec(header.trim())?.[1];
  if (revision === undefined) throw badRequest('If-Match must be an ETag of this resource, for example "7", or *');
  return Number(revision);
}
