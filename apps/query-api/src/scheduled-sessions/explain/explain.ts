/** The answer to "why didn't it run?", for any instant of the past or future, from recorded facts alone. */
import { idOf, type EventReference, type Explanation, type Occurred } from '#contracts';
import { withoutNulls, type Schedule } from '#domain';
import { clockShiftAt } from '#schedule';
import { instant } from '#service';
import type { Evidence } from './evidence.js';
import { momentOf, type Finding, type Moment } from './moment.js';
import { clockOf, shiftInWords, whyNotDue } from './not-due.js';
import { factsOf, isByTick, outcomeOf, runOf, runOfTick } from './recorded.js';
import { cronOf, tickAfter, tickBefore, valueOf, type Configuration } from './timeline.js';
import { undecided } from './undecided.js';

/** What was recorded comes first: it is how it was, whatever follows from the configuration. */
export function explain(evidence: Evidence): Explanation {
  const moment = momentOf(evidence);
  const { inForce, schedule } = moment;
  const run = runOfTick(moment);
  const found = run ? outcomeOf(moment, run) : (whyNotDue(moment) ?? undecided(moment));
  const { decidedBy, ...finding } = found.verdict === 'not_due' ? found : withClock(moment, found);
  const [first] = schedule;
  return withoutNulls({
    kind: 'Explanation',
    scheduled_session_id: idOf(first?.stream ?? ''),
    project_id: first?.payload.project_id ?? '',
    at: moment.instant,
    local: moment.local,
    explained_at: instant(moment.now),
    due: finding.verdict !== 'not_due',
    ...finding,
    decided_by: referenceTo(decidedBy),
    configuration: inForce && configurationOf(inForce),
    in_expression: moment.inExpression,
    previous_tick: written(tickBefore(moment.configurations, moment.at)),
    next_tick: written(tickAfter(moment.configurations, moment.at)),
    other_runs: moment.runs
      .filter(history => history !== run && !isByTick(factsOf(history).trigger))
      .map(history => runOf(moment, history)),
  });
}

/** A tick at a change of the clock: which local time it stands for. */
function withClock({ present, at }: Moment, found: Finding): Finding {
  const shift = present && clockShiftAt(cronOf(present), present.timezone, at);
  if (!shift || shift.tick !== at) return found;
  return { ...found, clock: clockOf(shift), because: `${found.because} (${shiftInWords(shift, present)}.)` };
}

function referenceTo({ stream, revision, type, metadata }: Occurred): EventReference {
  const { event_id, actor, occurred_at } = metadata;
  return { stream, revision, type, event_id, actor, occurred_at };
}

function configurationOf({ event, state }: Configuration): Explanation['configuration'] {
  const schedule = valueOf(state);
  return schedule && { revision: event.revision, since: event.metadata.occurred_at, ...effective(schedule) };
}

const effective = (schedule: Schedule): Omit<NonNullable<Explanation['configuration']>, 'revision' | 'since'> =>
  withoutNulls({
    name: schedule.name,
    schedule: schedule.schedule,
    timezone: schedule.timezone,
    enabled: schedule.enabled,
    suspended_reason: schedule.suspended_reason,
    agent_id: schedule.agent_id,
    start_at: schedule.start_at,
    end_at: schedule.end_at,
    max_runs: schedule.max_runs,
    overlap_policy: schedule.overlap_policy,
    catch_up_policy: schedule.catch_up_policy,
    catch_up_window: schedule.catch_up_window,
    jitter: schedule.jitter,
    pause_on_failure: schedule.pause_on_failure,
  });

const written = (tick: number | undefined): string | undefined => (tick === undefined ? undefined : instant(tick * 1000));
