/** The one door. Each request is read strictly, authenticated, matched to a row, authorized, and only then passed on. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { permit, Unauthenticated, type Authenticator, type Principal } from '#access';
import type { RoleId } from '#contracts';
import type { CallerRoles } from './access/caller-roles.js';
import type { ProxyAudit } from './audit/audit-trail.js';
import type { Cors } from './cors.js';
import { operationIdOf } from './headers.js';
import type { RateLimiter } from './limits/rate-limiter.js';
import { Passage } from './passage.js';
import { answerProblem, Problem, problemOf } from './problem.js';
import { tooLarge } from './relay.js';
import { createRouter, type CompiledRow, type Matches } from './router.js';
import type { Destination, Row } from './rows/index.js';
import { parseTarget } from './target.js';

/** A request that may pass. */
export interface Admitted extends Passage {
  readonly row: CompiledRow;
}

/** Brings requests that may pass where they belong. What it throws is answered as a problem, where nothing was answered yet. */
export type Deliver = (passage: Admitted, refuse: (error: unknown) => void) => void | Promise<void>;

export interface DoorOptions {
  readonly rows: readonly Row[];
  readonly authenticator: Authenticator;
  readonly callerRoles: CallerRoles;
  readonly audit: ProxyAudit;
  readonly destinations: Readonly<Record<Destination, Deliver>>;
  readonly cors: Cors;
  readonly limits: DoorLimits;
  readonly log: Logger;
  /** Hears of each request when its response is closed. */
  readonly onClosed: (passage: Passage) => void;
}

export interface DoorLimits {
  /** By user. */
  readonly callers: RateLimiter;
  /** By address, of routes without authentication that say so. */
  readonly strangers: RateLimiter;
  /** By address, of failed authentications. */
  readonly failures: RateLimiter;
}

export class Door {
  readonly #match: (segments: readonly string[]) => Matches | undefined;

  constructor(private readonly options: DoorOptions) {
    this.#match = createRouter(options.rows);
  }

  /** Takes a request from the server, and sees to it that it is answered. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const { cors, onClosed } = this.options;
    const operationId = operationIdOf(request.headers['x-operation-id']);
    const passage = new Passage(request, response, { ...cors.headers(request), 'x-operation-id': operationId });
    // The only listener of it: the list that Node makes of two is soon allocated in V8's old generation, and then all that two
    // listeners hold outlives young collections.
    response.on('close', () => {
      onClosed(passage);
      passage.relay?.closed?.();
    });
    const preflight = cors.preflight(request);
    if (preflight) {
      passage.isTold = false;
      response.writeHead(204, { ...preflight, 'x-operation-id': operationId }).end();
      return;
    }
    this.#pass(passage);
  }

  #pass(passage: Passage): void {
    const refuse = (error: unknown): void => this.#refuse(passage, error);
    try {
      const delivered = after(this.#admit(passage), () => this.#deliver(passage, refuse));
      if (delivered instanceof Promise) delivered.catch(refuse);
    } catch (error) {
      refuse(error);
    }
  }

  #deliver(passage: Passage, refuse: (error: unknown) => void): void | Promise<void> {
    // Who left meanwhile is not asked for.
    if (passage.response.destroyed || !isAdmitted(passage)) return;
    return this.options.destinations[passage.row.to](passage, refuse);
  }

  /** Deny by default: it returns for a request that may pass, and throws for any other. */
  #admit(passage: Passage): void | Promise<void> {
    const { request, method } = passage;
    const unreadable = this.#read(passage);
    const rows = unreadable ? undefined : this.#match(passage.segments);
    const row = rows?.get(method);
    passage.row = row;
    if (row?.needs !== 'public') return after(this.#authenticate(passage), () => this.#decide(passage, unreadable, rows));
    if (row.throttled) this.#throttle(passage, this.options.limits.strangers, addressOf(request));
    return this.#decide(passage, unreadable, rows);
  }

  /** The caller is known, or need not be. */
  #decide(passage: Passage, unreadable: Problem | undefined, rows: Matches | undefined): void | Promise<void> {
    const { row, method } = passage;
    passage.rule = 'target';
    if (unreadable) throw unreadable;
    passage.rule = 'route';
    if (!rows) throw new Problem(7, 'there is nothing at this path');
    passage.rule = 'method';
    if (!row) throw methodNotAllowed(method, [...rows.keys()]);
    const authorized = row.scope === 'later' ? undefined : this.#authorize(passage, row);
    return after(authorized, () => this.#conclude(passage, row));
  }

  /** The caller may. */
  #conclude(passage: Passage, row: CompiledRow): void {
    if (Number(passage.request.headers['content-length'] ?? 0) > row.bodyLimitBytes) {
      passage.rule = 'body';
      throw tooLarge(row.bodyLimitBytes);
    }
    if (row.audited && !this.options.audit.isOpen) {
      passage.rule = 'audit';
      throw new Problem(503, 'the audit can not be written: nothing passes unrecorded', { 'retry-after': '1' });
    }
    passage.rule = `needs ${row.needs}`;
    passage.isAllowed = true;
  }

  /** What is wrong with the target or the protocol, told only to those who have authenticated. */
  #read(passage: Passage): Problem | undefined {
    const { url = '', headers, rawHeaders } = passage.request;
    if (hasTwoHosts(rawHeaders)) return new Problem(17, 'the Host header must be there once');
    if (headers.upgrade !== undefined) return new Problem(21, 'upgrades are not possible here: leave the Upgrade header out');
    try {
      const { segments, query } = parseTarget(url);
      passage.segments = segments;
      passage.query = query;
      return undefined;
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  }

  #authenticate(passage: Passage): void | Promise<void> {
    const { authenticator, limits } = this.options;
    const { headers } = passage.request;
    const failed = (error: unknown): never => {
      if (error instanceof Unauthenticated) this.#throttle(passage, limits.failures, addressOf(passage.request));
      throw error;
    };
    const known = (principal: Principal): void => {
      passage.principal = principal;
      passage.token = authenticator.tokenOf(headers);
      this.#throttle(passage, limits.callers, principal.id);
    };
    let authenticated: Principal | Promise<Principal>;
    try {
      authenticated = authenticator.authenticate(headers);
    } catch (error) {
      return failed(error);
    }
    return authenticated instanceof Promise ? authenticated.catch(failed).then(known) : known(authenticated);
  }

  #throttle(passage: Passage, limiter: RateLimiter, caller: string): void {
    const verdict = limiter.take(caller);
    if (verdict === 'yes') return;
    passage.rule = 'rate';
    passage.isTold = verdict === 'told';
    throw new Problem(429, 'too many requests: try again in a second', { 'retry-after': '1' });
  }

  #authorize(passage: Passage, row: CompiledRow): void | Promise<void> {
    const { principal, method } = passage;
    passage.rule = `needs ${row.needs}`;
    if (!principal) return;
    return after(this.#rolesFor(passage, row, principal), roles => {
      passage.roles = roles;
      switch (permit(row.needs, roles, method === 'GET' || method === 'HEAD' ? 'read' : 'write')) {
        case 'granted':
          return;
        case 'forbidden':
          throw new Problem(4, `this needs role ${row.needs}`);
        case 'hidden':
          throw new Problem(7, `there is no such ${row.scope === 'session' ? 'session' : 'project'}`);
      }
    });
  }

  #rolesFor(passage: Passage, row: CompiledRow, principal: Principal): readonly RoleId[] | Promise<readonly RoleId[]> {
    const { callerRoles } = this.options;
    const { project_id = '', id = '' } = passage.parameters;
    switch (row.scope) {
      case 'path':
        return callerRoles.inProject(principal, project_id);
      case 'session':
        return callerRoles.forSession(principal, id).then(found => {
          if (!found) throw new Problem(7, 'there is no such session');
          passage.projectId = found.project_id;
          return found.roles;
        });
      case 'none':
      case 'later':
        return callerRoles.onPlatform(principal);
    }
  }

  #refuse(passage: Passage, error: unknown): void {
    const { response, operationId, ownHeaders } = passage;
    const problem = problemOf(error);
    passage.problem = problem;
    if (problem.number === 9) this.options.log.error({ err: error, operation_id: operationId }, 'a request failed');
    if (response.headersSent) response.destroy();
    else answerProblem(response, problem, operationId, ownHeaders);
  }
}

/** Goes on at once where nothing has to be waited for, which is so for nearly every request. */
const after = <T, R>(value: T | Promise<T>, goOn: (value: T) => R | Promise<R>): R | Promise<R> =>
  value instanceof Promise ? value.then(goOn) : goOn(value);

const isAdmitted = (passage: Passage): passage is Admitted => passage.isAllowed && passage.row !== undefined;

const addressOf = ({ socket }: IncomingMessage): string => socket.remoteAddress ?? '';

/** RFC 9112, section 3.2: two servers could take different ones. Node takes the first and keeps silent about the rest. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

function methodNotAllowed(method: string, allowed: readonly string[]): Problem {
  const allow = allowed.join(', ');
  return new Problem(405, `${method} is not possible here, only ${allow}`, { allow });
}
