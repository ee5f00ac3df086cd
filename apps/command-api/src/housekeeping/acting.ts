import { randomUUID } from 'node:crypto';
import { Caller, randomIds, type RequestContext } from '#service';

/** A policy of the system acts by itself. @param ifMatch the revision that it has seen */
export const actingAs = (policy: string, now: number, ifMatch?: number): RequestContext => ({
  caller: new Caller({ id: policy, kind: 'policy', roles: [] }, []),
  operationId: randomUUID(),
  now,
  ids: randomIds(now),
  ifMatch,
});
