import { hash } from 'node:crypto';
import type { Schedule } from './schedule.js';
import { nextTick } from './ticks.js';

/** Bits of the hash that are used: as many as a number holds exactly, in whole bytes. */
const BYTES = 6;

/**
 * The whole seconds by which jitter delays the start of a tick: spread evenly over [0, jitter], but always before the next tick. The same
 * schedule and tick have the same delay, whoever asks and whenever.
 *
 * @param tick epoch seconds
 * @param jitter seconds
 * @param following the schedule's next tick, Infinity when there is none
 */
export function startDelay(scheduleId: string, tick: number, jitter: number, following: number): number {
  const longest = Math.min(jitter, following - tick - 1);
  if (longest <= 0) return 0;
  const share = hash('sha256', `${scheduleId}/${tick}`, 'buffer').readUIntBE(0, BYTES) / 2 ** (8 * BYTES);
  return Math.floor(share * (longest + 1));
}

/** When the run of a tick is to start, jitter included. Epoch seconds. */
export function startOfTick(scheduleId: string, schedule: Schedule, zone: string, tick: number, jitter: number): number {
  if (jitter === 0) return tick;
  return tick + startDelay(scheduleId, tick, jitter, nextTick(schedule, zone, tick) ?? Number.POSITIVE_INFINITY);
}
