/** Names of streams, `category-id`, and the ids that must come out the same for the same cause. */
import { hash as digest } from 'node:crypto';

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

/** 6f5f4a52-6a0b-5d0e-9a57-3a0c5a7f2d11 */
const NAMESPACE = Buffer.from('6f5f4a526a0b5d0e9a573a0c5a7f2d11', 'hex');

/**
 * A UUID (version 5, RFC 9562) that is the same for the same parts. Written here because ten thousand ticks in one second wait for it; the
 * tests compare it to that of the `uuid` package.
 */
export function deterministicUuid(...parts: readonly string[]): string {
  const hex = digest('sha1', Buffer.concat([NAMESPACE, Buffer.from(parts.join('/'))]));
  // Its version in the upper half of byte 6, its variant in the two upper bits of byte 8.
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) & 3);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

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
const KSUID_DIGITS = 27;
const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Digits that one division gives: of four, the dividend would not be exact as a number any more. */
const DIGITS_AT_ONCE = 3;
const DIVISOR = 62 ** DIGITS_AT_ONCE;

/**
 * A KSUID: 27 characters of base 62 that sort by time. See the KSUID specification (segmentio/ksuid).
 * @param at milliseconds since 1970
 * @param payload 16 bytes, random or derived
 */
export function ksuid(at: number, payload: Uint8Array): string {
  if (payload.length !== 16) throw new RangeError(`a KSUID's payload has 16 bytes, not ${payload.length}`);
  const words = [Math.max(0, Math.floor(at / 1000) - KSUID_EPOCH_S) % 2 ** 32];
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  for (let offset = 0; offset < payload.length; offset += 4) words.push(view.getUint32(offset));
  let text = '';
  for (let digits = 0; digits < KSUID_DIGITS; digits += DIGITS_AT_ONCE) {
    let remainder = 0;
    for (let word = 0; word < words.length; word++) {
      const value = remainder * 2 ** 32 + (words[word] ?? 0);
      words[word] = Math.floor(value / DIVISOR);
      remainder = value % DIVISOR;
    }
    text = threeDigits(remainder) + text;
  }
  return text;
}

const digit = (value: number): string => BASE_62.charAt(value % 62);
const threeDigits = (value: number): string => digit(Math.floor(value / 3844)) + digit(Math.floor(value / 62)) + digit(value);
