/** What happened to one schedule and its runs, told event by event: what explanations are made from. Times are RFC 3339 in UTC; on 2 March 2026, where only `09:00` or `09:00:30` is given. */
import { randomUUID } from 'node:crypto';
import {
  runIdOf,
  scheduledSessionDefaults,
  sessionIdOfRun,
  streams,
  type Actor,
  type DomainEvent,
  type Explanation,
  type Occurred,
  type Phase,
  type RunTrigger,
  type ScheduledSessionChanges,
  type ScheduledSessionCreate,
} from '#contracts';
import { scheduleBefore, type RunEvent, type ScheduledSessionEvent, type SessionEvent } from '#domain';
import type { Evidence, RunStart } from '../src/scheduled-sessions/explain/evidence.js';
import { explain } from '../src/scheduled-sessions/explain/explain.js';

export const SCHEDULE = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const PROJECT = 'blue';
const USER: Actor = { id: 'ann', kind: 'user' };
const SCHEDULER: Actor = { id: 'scheduler', kind: 'scheduler' };

/** As events write it. */
export const at = (time: string): string =>
  new Date(time.includes('T') ? time : `2026-03-02T${time.length === 5 ? `${time}:00` : time}Z`).toISOString();
const ms = (time: string): number => Date.parse(at(time));

/** What is told of a run's decision, where it is not as usual: at its tick, by the scheduler. */
export interface Decision {
  /** Milliseconds from the tick. */
  readonly late?: number;
  readonly trigger?: RunTrigger;
  readonly session?: string | undefined;
}

export class Story {
  readonly schedule: Occurred<ScheduledSessionEvent>[] = [];
  /** By stream. */
  private readonly runs = new Map<string, Occurred<RunEvent>[]>();
  private readonly sessions = new Map<string, Occurred<SessionEvent>[]>();

  created(time: string, fields: Partial<ScheduledSessionCreate> = {}, by = USER): this {
    return this.configured(time, by, {
      type: 'ScheduledSessionCreated',
      payload: {
        project_id: PROJECT,
        created_by_user_id: by.id,
        ...scheduledSessionDefaults,
        name: 'nightly',
        schedule: '0 9 * * *',
        ...fields,
      },
    });
  }

  updated(time: string, changes: ScheduledSessionChanges, by = USER): this {
    return this.configured(time, by, { type: 'ScheduledSessionUpdated', payload: { project_id: PROJECT, changes } });
  }

  suspended(time: string, reason?: string, by = USER): this {
    const payload = { project_id: PROJECT, ...(reason === undefined ? {} : { reason }) };
    return this.configured(time, by, { type: 'ScheduledSessionSuspended', payload });
  }

  resumed(time: string, by = USER): this {
    return this.configured(time, by, { type: 'ScheduledSessionResumed', payload: { project_id: PROJECT } });
  }

  deleted(time: string, by = USER): this {
    return this.configured(time, by, { type: 'ScheduledSessionDeleted', payload: { project_id: PROJECT } });
  }

  started(tick: string, decision: Decision = {}): this {
    const session_id = decision.session ?? sessionIdOfRun(runIdOf(SCHEDULE, at(tick)), at(tick));
    this.session(at(tick), session_id, 'Running');
    return this.decided(tick, decision, { type: 'RunStarted', payload: { session_id } });
  }

  skipped(tick: string, reason: string, decision: Decision = {}): this {
    return this.decided(tick, decision, { type: 'RunSkipped', payload: { reason, session_id: decision.session } });
  }

  missed(tick: string, reason: string, decision: Decision & { through?: string; count?: number } = {}): this {
    const range = { from: at(tick), to: at(decision.through ?? tick), count: decision.count ?? 1 };
    return this.decided(tick, { trigger: 'catch_up', ...decision }, { type: 'RunMissed', payload: { reason, ...range } });
  }

  queued(tick: string, decision: Decision = {}): this {
    return this.decided(tick, decision, { type: 'RunQueued', payload: { session_id: decision.session } });
  }

  dropped(tick: string, reason: string, decision: Decision = {}): this {
    return this.decided(tick, decision, { type: 'RunDropped', payload: { reason, session_id: decision.session } });
  }

  /** A run that a person asked for, at any time. */
  byHand(time: string, trigger: RunTrigger = 'manual'): this {
    const id = randomUUID();
    const session_id = sessionIdOfRun(id, at(time));
    this.session(at(time), session_id, 'Running');
    return this.decided(time, { trigger }, { type: 'RunStarted', payload: { session_id, requested_by: 'ann' } }, id);
  }

  /** A session in a phase from a time on. */
  session(time: string, id: string, phase: Phase): this {
    const stream = streams.session(id);
    const known = this.sessions.get(id) ?? [];
    if (known.length === 0) {
      const payload = {
        project_id: PROJECT,
        created_by_user_id: 'ann',
        name: 'run',
        llm_model: 'm',
        llm_temperature: 0,
        llm_max_tokens: 1,
      };
      known.push(happened(stream, 0, time, SCHEDULER, { type: 'SessionCreated', payload }) as Occurred<SessionEvent>);
    }
    const reported = { type: 'SessionStatusReported', payload: { project_id: PROJECT, changes: { phase } } } as const;
    known.push(happened(stream, known.length, time, { id: 'runtime', kind: 'runtime' }, reported) as Occurred<SessionEvent>);
    this.sessions.set(id, known);
    return this;
  }

  /** The answer about an instant. */
  explain(time: string, { now = '2026-03-03T00:00:00Z', agentName }: { now?: string; agentName?: string } = {}): Explanation {
    return explain(this.evidence(time, now, agentName));
  }

  evidence(time: string, now: string, agentName?: string): Evidence {
    const second = Math.floor(ms(time) / 1000);
    return {
      at: second,
      now: ms(now),
      schedule: this.schedule,
      runs: [...this.runs.values()],
      starts: this.starts(new Date(second * 1000).toISOString()),
      sessions: this.sessions,
      agentName,
    };
  }

  private starts(tick: string) {
    const state = scheduleBefore(this.schedule, tick);
    const started = [...this.runs.values()]
      .flat()
      .filter((event): event is RunStart => event.type === 'RunStarted' && event.payload.trigger !== 'manual')
      .sort((a, b) => a.payload.decided_at.localeCompare(b.payload.decided_at));
    const maxRuns = state.status === 'absent' ? undefined : state.value.max_runs;
    return {
      count: started.length,
      reaching: maxRuns === undefined ? undefined : started[maxRuns - 1],
      newestBefore: started.findLast(({ payload }) => payload.scheduled_for < tick),
    };
  }

  private configured(time: string, by: Actor, event: ScheduledSessionEvent): this {
    const { length } = this.schedule;
    this.schedule.push(
      happened(streams.scheduledSession(SCHEDULE), length, at(time), by, event) as Occurred<ScheduledSessionEvent>,
    );
    return this;
  }

  private decided(
    tick: string,
    { late = 0, trigger = 'schedule' }: Decision,
    event: { type: RunEvent['type']; payload: object },
    id = runIdOf(SCHEDULE, at(tick)),
  ): this {
    const scheduled_for = at(tick);
    const decided_at = new Date(Date.parse(scheduled_for) + late).toISOString();
    const facts = { project_id: PROJECT, scheduled_session_id: SCHEDULE, trigger, scheduled_for, decided_at, lateness_ms: late };
    const stream = streams.run(id);
    const known = this.runs.get(stream) ?? [];
    const payload = { ...facts, ...event.payload } as never;
    const actor = trigger === 'manual' ? USER : SCHEDULER;
    known.push(happened(stream, known.length, decided_at, actor, { type: event.type, payload }) as Occurred<RunEvent>);
    this.runs.set(stream, known);
    return this;
  }
}

function happened(stream: string, revision: number, occurred_at: string, actor: Actor, event: DomainEvent): Occurred {
  const metadata = {
    event_id: randomUUID(),
    schema_version: 1,
    occurred_at: at(occurred_at),
    actor,
    correlation_id: 'c',
    causation_id: 'c',
    prev_hash: '',
    hash: '',
  };
  return { ...event, stream, revision, position: '', metadata };
}
