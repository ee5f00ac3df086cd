import type { Explanation, Occurred } from '#contracts';
import type { Schedule } from '#domain';
import { localTime } from '#schedule';
import { instant } from '#service';
import type { Evidence } from './evidence.js';
import { configurationsOf, countBefore, isInExpression, isNominal, valueOf, type Configuration } from './timeline.js';

/** The instant in question, and the configuration that held for its tick. */
export interface Moment extends Evidence {
  /** As events write it. */
  readonly instant: string;
  /** In the offset of the zone in force; undefined where RFC 3339 has no word for it: in the last hours of the year 9999. */
  readonly local: string | undefined;
  readonly when: 'past' | 'present' | 'future';
  readonly configurations: readonly Configuration[];
  /** Those that came before the instant; the last of them is in force. */
  readonly earlier: readonly Configuration[];
  readonly inForce: Configuration | undefined;
  /** The schedule in force, unless it was not there yet or not any more. */
  readonly present: Schedule | undefined;
  /** Whether the expression in force names the instant. */
  readonly inExpression: boolean;
  /** Due by the configuration in force, `max_runs` aside. */
  readonly nominal: boolean;
}

/** What was found out about a moment, and the event that decided it. */
export type Finding = Pick<
  Explanation,
  'verdict' | 'reason' | 'because' | 'policy' | 'lateness_ms' | 'starts_at' | 'run' | 'session' | 'clock'
> & {
  readonly decidedBy: Occurred;
};

export function momentOf(evidence: Evidence): Moment {
  const { at, now } = evidence;
  const configurations = configurationsOf(evidence.schedule);
  const earlier = configurations.slice(0, countBefore(configurations, at * 1000));
  const inForce = earlier.at(-1);
  const present = inForce?.state.status === 'present' ? inForce.state.value : undefined;
  const thisSecond = Math.floor(now / 1000);
  return {
    ...evidence,
    instant: instant(at * 1000),
    local: localOf(valueOf((inForce ?? configurations[0])?.state)?.timezone ?? 'UTC', at),
    when: at < thisSecond ? 'past' : at === thisSecond ? 'present' : 'future',
    configurations,
    earlier,
    inForce,
    present,
    inExpression: present !== undefined && isInExpression(present, at),
    nominal: inForce !== undefined && isNominal(inForce, at),
  };
}

function localOf(zone: string, at: number): string | undefined {
  try {
    return localTime(at, zone);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
