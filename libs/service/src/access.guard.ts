/** Every route's gate: authentication, then the permission that its row in the table asks for, in the project it belongs to. */
import { Inject, Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { permit, type Authenticator, type Principal } from '#access';
import type { RoleId, Route } from '#contracts';
import { CallerRoles } from './caller-roles.js';
import type { Clock } from './clock.js';
import { notFoundProblem, Problem } from './problem.js';
import { Caller, parseIfMatch, randomIds, type RequestContext } from './request-context.js';
import { ROUTE } from './route.js';

export const AUTHENTICATOR = Symbol('Authenticator');
export const CLOCK = Symbol('Clock');
/** Keeps the answers to requests with an Idempotency-Key, in a service that writes. */
export const KEPT_ANSWERS = Symbol('KeptAnswers');

export interface KeptAnswers {
  once(key: string | string[], request: FastifyRequest, reply: FastifyReply, handle: () => Promise<unknown>): Promise<unknown>;
}

interface Parameters {
  readonly project_id?: string;
  readonly id?: string;
}

@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    @Inject(CallerRoles) private readonly callerRoles: CallerRoles,
    @Inject(CLOCK) private readonly clock: Clock,
    @Optional() @Inject(KEPT_ANSWERS) private readonly kept?: KeptAnswers,
  ) {}

  async canActivate(host: ExecutionContext): Promise<boolean> {
    // What comes over the bus was asked for by a service of ours.
    if (host.getType() !== 'http') return true;
    const route = Reflect.getMetadata(ROUTE, host.getHandler()) as Route | undefined;
    if (!route) throw new Error(`${host.getClass().name}.${host.getHandler().name} is bound to no row of the route table`);
    if (route.needs === 'public') return true;
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const authenticated = this.authenticator.authenticate(request.headers);
    const principal = authenticated instanceof Promise ? await authenticated : authenticated;
    const { roles, projectId } = await this.placeOf(route, request.params as Parameters, principal);
    if (route.needs !== 'service') this.demand(route, roles);
    else if (principal.kind !== 'service') throw new Problem(4, 'this is for services, each with a credential of its own');
    const now = this.clock.now();
    request.context = {
      caller: new Caller(principal, roles),
      operationId: request.operationId,
      traceparent: traceparentOf(request.headers['traceparent']),
      now,
      ids: randomIds(now),
      ifMatch: parseIfMatch(request.headers['if-match']),
      projectId,
      once: this.onceFor(request, host),
    };
    return true;
  }

  private onceFor(request: FastifyRequest, host: ExecutionContext): RequestContext['once'] {
    const key = request.headers['idempotency-key'];
    const { kept } = this;
    if (!kept || key === undefined || request.method !== 'POST') return undefined;
    return handle => kept.once(key, request, host.switchToHttp().getResponse<FastifyReply>(), handle);
  }

  private async placeOf(
    route: Route,
    parameters: Parameters,
    principal: Principal,
  ): Promise<{ roles: readonly RoleId[]; projectId?: string | undefined }> {
    switch (route.scope) {
      case 'none':
      case 'request':
        return { roles: await this.callerRoles.onPlatform(principal) };
      case 'path': {
        const projectId = parameters.project_id ?? '';
        const roles = await this.callerRoles.inProject(principal, projectId);
        if (permit('viewer', roles) !== 'granted' || !(await this.callerRoles.projectExists(projectId, route.ofDeleted)))
          throw notFoundProblem('project');
        return { roles, projectId };
      }
      case 'session': {
        const session = await this.callerRoles.session(parameters.id ?? '');
        if (!session) throw notFoundProblem('session');
        return { roles: await this.callerRoles.forSession(principal, session), projectId: session.project_id };
      }
    }
  }

  private demand(route: Route, roles: readonly RoleId[]): void {
    switch (permit(route.needs, roles, route.method === 'GET' ? 'read' : 'write')) {
      case 'granted':
        return;
      case 'forbidden':
        throw new Problem(4, `this needs role ${route.needs}`);
      case 'hidden':
        throw notFoundProblem(route.scope === 'session' ? 'session' : 'project');
    }
  }
}

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A `traceparent` header of W3C Trace Context, when it is well formed. */
export const traceparentOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && TRACEPARENT.test(header) ? header : undefined;
