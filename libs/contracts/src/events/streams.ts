/** Names of streams, `category-id`, and the ids that must come out the same for the same cause. */
import { hash as digest } from 'node:crypto';
import { parse as parseUuid, v5 as uuidV5 } from 'uuid';

export const streams = {
  project: (name: string) => `project-${name}`,
  agent: (id: string) => `agent-${id}`,
  scheduledSession: (id: string) => `scheduledSession-${id}`,
  run: (runId: string) => `scheduledSessionRun-${runId}`,
  session: (id: string) => `session-${id}`,
  messages: (sessionId: string) => `sessionMessages-${sessionId}`,
  /** Of an agent; of the schedule itself where it has none. */
  occupancy: (agentOrScheduleId: string) => `occupancy-${agentOrScheduleId}`,
  nameClaim: (projectId: string, kind: string, name: string) =>
    `nameClaim-${digest('sha256', JSON.stringify([projectId, kind, name])).slice(0, 40)}`,
  access: (projectId: string) => `access-${projectId}`,
  /** Bindings of scope global. `_` can't be a project's name. */
  platformAccess: 'access-_platform',
  /** @param day of the UTC calendar, `2026-01-31` */
  proxyAudit: (day: string) => `proxyAudit-${day}`,
  idempotency: (caller: string, key: string) => `idempotency-${digest('sha256', JSON.stringify([caller, key])).slice(0, 40)}`,
} as const;

/** `scheduledSessionRun` of `scheduledSessionRun-…`. */
export const categoryOf = (stream: string): string => stream.slice(0, stream.indexOf('-'));
/** What stands behind the category. */
export const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);

/** As bytes: as a text it would be parsed again for each id. */
const NAMESPACE = parseUuid('6f5f4a52-6a0b-5d0e-9a57-3a0c5a7f2d11');

/** A UUID (version 5, RFC 9562) that is the same for the same parts. */
export const deterministicUuid = (...parts: readonly string[]): string => uuidV5(parts.join('/'), NAMESPACE);

/** The run of a tick. @param scheduledFor RFC 3339 as events write it */
export const runIdOf = (scheduledSessionId: string, scheduledFor: string): string =>
  deterministicUuid(scheduledSessionId, scheduledFor);

/** The run of a manual trigger that came with an Idempotency-Key: never that of a tick, whatever the key says. */
export const runIdOfKey = (scheduledSessionId: string, key: string): string => deterministicUuid(scheduledSessionId, 'key', key);

/**
 * The run of a tick that is backfilled: each request makes its own, and none is the tick's own.
 * @param request tells apart the requests for one schedule, and is the same when one is repeated
 */
export const runIdOfBackfill = (scheduledSessionId: string, request: string, scheduledFor: string): string =>
  deterministicUuid(scheduledSessionId, 'backfill', request, scheduledFor);

/** The session that a run starts: KSUID with the tick's second in front and a hash of the run behind it. */
export const sessionIdOfRun = (runId: string, scheduledFor: string): string =>
  ksuid(Date.parse(scheduledFor), Buffer.from(digest('sha256', runId, 'buffer').subarray(0, 16)));

const KSUID_EPOCH_S = 1_400_000_000;
const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * A KSUID: 27 characters of base 62 that sort by time. See the KSUID specification (segmentio/ksuid).
 * @param at milliseconds since 1970
 * @param payload 16 bytes, random or derived
 */
export function ksuid(at: number, payload: Uint8Array): string {
  if (payload.length !== 16) throw new RangeError(`a KSUID's payload has 16 bytes, not ${payload.length}`);
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32BE(Math.max(0, Math.floor(at / 1000) - KSUID_EPOCH_S) % 2 ** 32, 0);
  bytes.set(payload, 4);
  const words = [0, 4, 8, 12, 16].map(offset => bytes.readUInt32BE(offset));
  let text = '';
  for (let digit = 0; digit < 27; digit++) {
    let remainder = 0;
    for (let word = 0; word < 5; word++) {
      const value = remainder * 2 ** 32 + (words[word] ?? 0);
      words[word] = Math.floor(value / 62);
      remainder = value % 62;
    }
    text = BASE_62[remainder] + text;
  }
  return text;
}
