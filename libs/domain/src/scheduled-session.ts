import {
  hrefs,
  idOf,
  scheduledSessionDefaults,
  type EventOf,
  type ScheduledSession,
  type ScheduledSessionChanges,
  type ScheduledSessionCreate,
} from '#contracts';
import {
  absent,
  changed,
  deleted,
  effectiveChanges,
  invalid,
  notFound,
  withoutNulls,
  type Decider,
  type Decision,
  type Lifecycle,
} from './decider.js';

/** Stream `scheduledSession-{id}`: what is due when, and what a tick starts. What became of the ticks is told by the runs. */
export type ScheduledSessionEvent =
  | EventOf<'ScheduledSessionCreated'>
  /** Takes effect for ticks after it. `enabled` never changes here, but by the two events below. */
  | EventOf<'ScheduledSessionUpdated'>
  /** No ticks from here … */
  | EventOf<'ScheduledSessionSuspended'>
  /** … to here: what was due meanwhile is never caught up. */
  | EventOf<'ScheduledSessionResumed'>
  | EventOf<'ScheduledSessionDeleted'>;

export type ScheduledSessionCommand =
  | {
      readonly type: 'CreateScheduledSession';
      readonly project_id: string;
      readonly created_by_user_id: string;
      readonly fields: ScheduledSessionCreate;
    }
  | { readonly type: 'UpdateScheduledSession'; readonly changes: ScheduledSessionChanges }
  | { readonly type: 'SuspendScheduledSession'; readonly reason?: string | undefined }
  | { readonly type: 'ResumeScheduledSession'; readonly reason?: string | undefined }
  | { readonly type: 'DeleteScheduledSession' };

/** The schedule as its own stream tells it; the fields that follow from its runs are the projection's to add. */
export type Schedule = Omit<ScheduledSession, 'last_run_at' | 'next_run_at' | 'runs_count'> & {
  /** Only ticks after this instant follow the schedule as it stands: its creation, its last resumption or change of timing. */
  readonly ticks_after: string;
};

export type ScheduleState = Lifecycle<Schedule>;

export const scheduledSession: Decider<ScheduleState, ScheduledSessionCommand, ScheduledSessionEvent> = {
  initial: absent,

  decide(state, command) {
    if (command.type === 'CreateScheduledSession') {
      if (state.status !== 'absent') return [];
      const { project_id, created_by_user_id } = command;
      const fields = { ...scheduledSessionDefaults, ...command.fields };
      return inOrder(fields) ?? [{ type: 'ScheduledSessionCreated', payload: { project_id, created_by_user_id, ...fields } }];
    }
    if (state.status !== 'present') return notFound('scheduled session');
    const schedule = state.value;
    const { project_id } = schedule;
    switch (command.type) {
      case 'UpdateScheduledSession':
        return decideUpdate(schedule, command.changes);
      case 'SuspendScheduledSession':
        return schedule.enabled
          ? [{ type: 'ScheduledSessionSuspended', payload: withoutNulls({ project_id, reason: command.reason }) }]
          : [];
      case 'ResumeScheduledSession':
        return schedule.enabled
          ? []
          : [{ type: 'ScheduledSessionResumed', payload: withoutNulls({ project_id, reason: command.reason }) }];
      case 'DeleteScheduledSession':
        return [{ type: 'ScheduledSessionDeleted', payload: { project_id } }];
    }
  },

  evolve(state, event) {
    const at = event.metadata.occurred_at;
    switch (event.type) {
      case 'ScheduledSessionCreated': {
        const id = idOf(event.stream);
        const href = hrefs.scheduledSession(event.payload.project_id, id);
        return {
          status: 'present',
          value: withoutNulls({
            id,
            kind: 'ScheduledSession',
            href,
            created_at: at,
            updated_at: at,
            ticks_after: at,
            ...event.payload,
          }),
        };
      }
      case 'ScheduledSessionUpdated': {
        const { changes } = event.payload;
        const retimed = TIMING.some(field => field in changes);
        return changed(state, event, () => ({ ...(changes as Partial<Schedule>), ...(retimed ? { ticks_after: at } : {}) }));
      }
      case 'ScheduledSessionSuspended':
        return changed(state, event, () => ({ enabled: false, suspended_reason: event.payload.reason }));
      case 'ScheduledSessionResumed':
        return changed(state, event, () => ({ enabled: true, suspended_reason: undefined, ticks_after: at }));
      case 'ScheduledSessionDeleted':
        return deleted(state, event);
    }
  },
};

/** The fields that decide when a tick is. */
const TIMING = ['schedule', 'timezone', 'start_at', 'end_at', 'max_runs'] as const;

function decideUpdate(schedule: Schedule, { enabled, ...changes }: ScheduledSessionChanges): Decision<ScheduledSessionEvent> {
  const { project_id } = schedule;
  const effective = effectiveChanges(schedule, changes);
  const events: ScheduledSessionEvent[] = [];
  if (effective) {
    const refused = inOrder({ ...schedule, ...effective });
    if (refused) return refused;
    events.push({ type: 'ScheduledSessionUpdated', payload: { project_id, changes: effective } });
  }
  if (enabled === false && schedule.enabled) events.push({ type: 'ScheduledSessionSuspended', payload: { project_id } });
  if (enabled === true && !schedule.enabled) events.push({ type: 'ScheduledSessionResumed', payload: { project_id } });
  return events;
}

function inOrder(window: { start_at?: string | null; end_at?: string | null }) {
  if (!window.start_at || !window.end_at || Date.parse(window.start_at) < Date.parse(window.end_at)) return undefined;
  return invalid('end_at', `end_at must be after start_at, which is ${window.start_at}`);
}

/** The schedule as it was just before an instant, from all its events. A tick is due by what held before it. */
export function scheduleBefore(events: Iterable<Parameters<typeof scheduledSession.evolve>[1]>, instant: string): ScheduleState {
  let state = scheduledSession.initial;
  for (const event of events) {
    if (event.metadata.occurred_at >= instant) break;
    state = scheduledSession.evolve(state, event);
  }
  return state;
}
