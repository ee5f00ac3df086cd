/** A request at the door, and all that is found out about it on its way through. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '#access';
import type { ProxyDecision, RoleId } from '#contracts';
import { operationIdOf } from './headers.js';
import type { Problem } from './problem.js';
import type { Relay } from './relay.js';
import { parametersIn, type CompiledRow } from './router.js';

export class Passage {
  readonly operationId: string;
  readonly at = Date.now();
  /** By the clock of `performance.now`. */
  readonly startedAt = performance.now();
  /** Of the path, decoded; empty for a target that can't be read. */
  segments: readonly string[] = [];
  /** From `?` on, as it came. */
  query = '';
  row: CompiledRow | undefined;
  principal: Principal | undefined;
  /** Of the session that the path names, where it belongs to one. */
  projectId: string | undefined;
  /** The token that was judged. */
  token: string | undefined;
  /** Those that hold where the request leads. */
  roles: readonly RoleId[] = [];
  /** What is being decided, or what was decided last. */
  rule = 'authentication';
  /** Everything was decided, and it may pass. */
  isAllowed = false;
  /** Why it did not pass, or why nothing came back. */
  problem: Problem | undefined;
  /** Worth a record, had it been refused. */
  isTold = true;
  /** Its way to an upstream, where it has one. */
  relay: (Pick<Relay, 'bytesIn' | 'bytesOut'> & Partial<Pick<Relay, 'closed'>>) | undefined;
  upstream: string | undefined;
  #parameters: Readonly<Record<string, string>> | undefined;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    /** What the proxy adds to every answer. */
    readonly ownHeaders: Readonly<Record<string, string>>,
  ) {
    this.operationId = ownHeaders['x-operation-id'] ?? operationIdOf(undefined);
  }

  get method(): string {
    return this.request.method ?? '';
  }

  /** Of the answer; 499, as others write it, where the client left before there was one. */
  get status(): number {
    return this.response.headersSent ? this.response.statusCode : 499;
  }

  /** Values of the parameters of the path, decoded. */
  get parameters(): Readonly<Record<string, string>> {
    return (this.#parameters ??= this.row ? parametersIn(this.row, this.segments) : {});
  }

  /** The record of it, once it has ended. In one piece: adding to it one by one costs several times as much. */
  decision(): ProxyDecision {
    const { row, principal, relay, parameters } = this;
    return {
      at: new Date(this.at).toISOString(),
      method: this.method,
      parameters,
      decision: this.isAllowed ? 'allowed' : 'denied',
      rule: this.rule,
      status: this.status,
      bytes_in: relay?.bytesIn ?? 0,
      bytes_out: relay?.bytesOut ?? 0,
      duration_ms: Math.round(performance.now() - this.startedAt),
      operation_id: this.operationId,
      user: principal?.id,
      actor_kind: principal?.kind,
      group: row?.group,
      path_template: row?.template,
      project_id: parameters['project_id'] ?? this.projectId,
      upstream: this.upstream,
    };
  }
}
