import { randomBytes } from 'node:crypto';
import { deterministicUuid, ksuid } from '#contracts';
import { Caller, type RequestContext } from '#service';

/** Everything that follows from a run has ids that follow from it: decided twice, it is the same. */
export function contextOfRun(runId: string, now: number): RequestContext {
  return {
    caller: new Caller({ id: 'scheduler', kind: 'scheduler', roles: [] }, []),
    operationId: runId,
    now,
    ids: {
      ksuid: () => ksuid(now, randomBytes(16)),
      event: (stream, event, index) => deterministicUuid(runId, stream, event.type, String(index)),
    },
  };
}

/** The same cause, where a policy of the system acts and not who set it going. */
export const byPolicy = (context: RequestContext, policy: string): RequestContext => ({
  ...context,
  caller: new Caller({ id: policy, kind: 'policy', roles: [] }, []),
  ifMatch: undefined,
});
