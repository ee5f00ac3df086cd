import { describe, expect, it } from '@jest/globals';
import { streams, type EventOf } from '#contracts';
import { at, scenariosOf } from '../testing/scenario.js';
import { occupancy } from './occupancy.js';

const AGENT = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const given = scenariosOf(occupancy, streams.occupancy(AGENT));

const admit = (session_id: string, ...still_active: string[]) =>
  ({ type: 'AdmitSession', project_id: 'blue', agent_id: AGENT, session_id, still_active }) as const;
const admitted = (session_id: string, ...active: string[]): EventOf<'SessionAdmitted'> => ({
  type: 'SessionAdmitted',
  payload: { project_id: 'blue', agent_id: AGENT, session_id, active },
});

describe('admitting a session', () => {
  it('carries the whole state: all that are active after it', () => {
    given().when(admit('s1')).thenEvents(admitted('s1', 's1'));
    given(admitted('s1', 's1'))
      .when(admit('s2', 's1'))
      .thenEvents(admitted('s2', 's1', 's2'));
    expect(given(admitted('s1', 's1'), admitted('s2', 's1', 's2')).state).toEqual({ active: ['s1', 's2'], admitted_at: at(1) });
  });

  it('lets go of those that have ended', () => {
    given(admitted('s1', 's1'), admitted('s2', 's1', 's2'))
      .when(admit('s3', 's2'))
      .thenEvents(admitted('s3', 's2', 's3'));
  });

  it('names a session that is admitted again only once', () => {
    given(admitted('s1', 's1')).when(admit('s1', 's1')).thenEvents(admitted('s1', 's1'));
  });

  it('is of the schedule where there is no agent, even if both are given the agent counts', () => {
    const command = {
      type: 'AdmitSession',
      project_id: 'blue',
      scheduled_session_id: 'schedule',
      session_id: 's1',
      still_active: [],
    } as const;
    given()
      .when(command)
      .thenEvents({
        type: 'SessionAdmitted',
        payload: { project_id: 'blue', scheduled_session_id: 'schedule', session_id: 's1', active: ['s1'] },
      });
    given()
      .when({ ...command, agent_id: AGENT })
      .thenEvents(admitted('s1', 's1'));
  });
});
