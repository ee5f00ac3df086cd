/** What the proxy tells of each request that it let through to another system, and of each that it refused. */
import Type, { type Static } from 'typebox';
import { Actor } from '../events/metadata.js';
import { Timestamp } from '../fields.js';
import type { Route } from '../http/routes.js';

const Count = Type.Integer({ minimum: 0 });

/** Of the request as it was made: never a query's values, a header or a token. The project is apart, below and in the catalog. */
export const proxyDecisionFields = {
  /** When the request came. */
  at: Timestamp,
  user: Type.Optional(Type.String({ description: 'Absent where no one was authenticated.' })),
  actor_kind: Type.Optional(Actor.properties.kind),
  group: Type.Optional(Type.String({ description: 'Group of the route; absent where the path is no route.' })),
  method: Type.String(),
  path_template: Type.Optional(Type.String({ description: 'Parameters in braces; absent where the path is no route.' })),
  parameters: Type.Record(Type.String(), Type.String(), { description: 'Values of the parameters of the path.' }),
  decision: Type.Enum(['allowed', 'denied']),
  rule: Type.String({ description: 'What decided: the need that was met, or what was refused.' }),
  status: Type.Integer({ description: 'Of the answer.' }),
  bytes_in: Count,
  bytes_out: Count,
  duration_ms: Count,
  upstream: Type.Optional(Type.String({ description: 'Who answered; absent where the proxy did.' })),
  operation_id: Type.String(),
};

/** A decision as a proxy hands it over: the project is what the path says, whatever that is. */
export const ProxyDecision = Type.Object({ ...proxyDecisionFields, project_id: Type.Optional(Type.String()) });
export type ProxyDecision = Static<typeof ProxyDecision>;

/** At most so many decisions in a batch. */
export const MOST_DECISIONS = 1000;

export const ProxyAuditBatch = Type.Object({
  batch_id: Type.String({ format: 'uuid', description: 'The same when a batch is handed over again: it is recorded once.' }),
  decisions: Type.Array(ProxyDecision, { minItems: 1, maxItems: MOST_DECISIONS }),
});
export type ProxyAuditBatch = Static<typeof ProxyAuditBatch>;

/**
 * Where a proxy that runs alone hands its decisions over. Between services of the project, and so not in the route table: what is not
 * there does not pass the door, and no document tells of it. 204 when the batch is durable.
 */
export const RECORD_PROXY_AUDIT = {
  id: 'audit.record',
  method: 'POST',
  path: '//internal/proxy-audit',
  service: 'command',
  needs: 'service',
  scope: 'none',
  body: ProxyAuditBatch,
  status: 204,
  summary: 'Record what the proxy decided',
} as const satisfies Route;
