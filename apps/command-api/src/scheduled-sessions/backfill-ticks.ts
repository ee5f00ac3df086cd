import type { FieldError } from '#contracts';
import type { Schedule } from '#domain';
import { acceptedSchedule, countTicks, localTicks, type LocalTick } from '#schedule';
import { instant, invalidProblem } from '#service';

const MOST_TICKS = 1000;

/**
 * The nominal ticks from one instant to another, both included, by the schedule as it stands. That it is suspended, or limited by start_at,
 * end_at or max_runs, is no matter: a person asks for these ticks.
 * @param now milliseconds since 1970
 * @throws {Problem} 400 that names the field
 */
export function backfillTicks(
  { schedule, timezone }: Pick<Schedule, 'schedule' | 'timezone'>,
  { from, to }: { readonly from: string; readonly to: string },
  now: number,
): LocalTick[] {
  const refused = disorder(from, to, now);
  if (refused) throw invalidProblem([refused]);
  const cron = acceptedSchedule(schedule);
  const before = Math.ceil(Date.parse(from) / 1000) - 1;
  const last = Math.floor(Date.parse(to) / 1000);
  const ticks = localTicks(cron, timezone, before, last, MOST_TICKS + 1);
  if (ticks.length <= MOST_TICKS) return ticks;
  const count = countTicks(cron, timezone, before, last);
  const message = `to is too far from from: there are ${count} ticks from ${from} to ${to}, and a backfill takes at most ${MOST_TICKS}`;
  throw invalidProblem([{ path: 'to', message }]);
}

function disorder(from: string, to: string, now: number): FieldError | undefined {
  if (Date.parse(to) > now) return { path: 'to', message: `to must not be after now, which is ${instant(now)}, but it is ${to}` };
  if (Date.parse(from) > Date.parse(to))
    return { path: 'from', message: `from must not be after to, which is ${to}, but it is ${from}` };
  return undefined;
}
