import { describe, expect, it } from '@jest/globals';
import { streams, type EventOf } from '#contracts';
import { at, scenariosOf } from '../testing/scenario.js';
import { occupancy, type WaitingRun } from './occupancy.js';

const AGENT = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const given = scenariosOf(occupancy, streams.occupancy(AGENT));
const waits = (run_id: string, scheduled_session_id = 'nightly'): WaitingRun => ({ run_id, scheduled_session_id });

const of = { project_id: 'blue', agent_id: AGENT };
const admit = (session_id: string, still_active: string[] = [], still_waiting: WaitingRun[] = []) =>
  ({ type: 'AdmitSession', ...of, session_id, still_active, still_waiting }) as const;
const admitted = (session_id: string, active: string[], waiting: WaitingRun[] = []): EventOf<'SessionAdmitted'> => ({
  type: 'SessionAdmitted',
  payload: { ...of, session_id, active, waiting },
});
const enqueue = (run: WaitingRun, replaces: boolean, still_active: string[], still_waiting: WaitingRun[] = []) =>
  ({ type: 'EnqueueRun', ...of, run, replaces, still_active, still_waiting }) as const;
const changed = (active: string[], waiting: WaitingRun[]): EventOf<'WaitingRunsChanged'> => ({
  type: 'WaitingRunsChanged',
  payload: { ...of, active, waiting },
});

describe('admitting a session', () => {
  it('carries the whole state: all that are active after it', () => {
    given()
      .when(admit('s1'))
      .thenEvents(admitted('s1', ['s1']));
    given(admitted('s1', ['s1']))
      .when(admit('s2', ['s1']))
      .thenEvents(admitted('s2', ['s1', 's2']));
    expect(given(admitted('s1', ['s1']), admitted('s2', ['s1', 's2'])).state).toEqual({
      active: ['s1', 's2'],
      waiting: [],
      changed_at: at(1),
    });
  });

  it('lets go of those that have ended', () => {
    given(admitted('s1', ['s1']), admitted('s2', ['s1', 's2']))
      .when(admit('s3', ['s2']))
      .thenEvents(admitted('s3', ['s2', 's3']));
  });

  it('names a session that is admitted again only once', () => {
    given(admitted('s1', ['s1']))
      .when(admit('s1', ['s1']))
      .thenEvents(admitted('s1', ['s1']));
  });

  it('keeps the runs that wait', () => {
    given(changed(['s1'], [waits('r1')]))
      .when(admit('s2', ['s1'], [waits('r1')]))
      .thenEvents(admitted('s2', ['s1', 's2'], [waits('r1')]));
  });

  it('is of the schedule where there is no agent, even if both are given the agent counts', () => {
    const { agent_id: _, ...command } = { ...admit('s1'), scheduled_session_id: 'schedule' };
    given()
      .when(command)
      .thenEvents({
        type: 'SessionAdmitted',
        payload: { project_id: 'blue', scheduled_session_id: 'schedule', session_id: 's1', active: ['s1'], waiting: [] },
      });
    given()
      .when({ ...command, agent_id: AGENT })
      .thenEvents(admitted('s1', ['s1']));
  });
});

describe('a run that comes to wait', () => {
  it('waits behind those of other schedules', () => {
    given(changed(['s1'], [waits('r1', 'hourly')]))
      .when(enqueue(waits('r2'), false, ['s1'], [waits('r1', 'hourly')]))
      .thenEvents(changed(['s1'], [waits('r1', 'hourly'), waits('r2')]));
  });

  it('that replaces takes the place of the one of its own schedule, which is marked until it has been told', () => {
    given(changed(['s1'], [waits('r1'), waits('r2', 'hourly')]))
      .when(enqueue(waits('r3'), true, ['s1'], [waits('r1'), waits('r2', 'hourly')]))
      .thenEvents(changed(['s1'], [{ ...waits('r1'), superseded: true }, waits('r2', 'hourly'), waits('r3')]));
  });

  it('lets go of runs that wait no more, and of sessions that have ended', () => {
    given(changed(['s1'], [waits('r1', 'hourly')]))
      .when(enqueue(waits('r2'), false, []))
      .thenEvents(changed([], [waits('r2')]));
  });

  it('waits once, however often it comes, also when it has lost its place', () => {
    given(changed(['s1'], [waits('r1')]))
      .when(enqueue(waits('r1'), false, ['s1'], [waits('r1')]))
      .thenNothing();
    const lost = [{ ...waits('r1'), superseded: true as const }, waits('r2')];
    given(changed(['s1'], lost))
      .when(enqueue(waits('r1'), true, ['s1'], lost))
      .thenNothing();
  });
});
