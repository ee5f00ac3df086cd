import { describe, expect, it } from '@jest/globals';
import { PHASES, streams, type EventOf, type Phase, type SessionStatus } from '#contracts';
import { at, scenariosOf } from '../testing/scenario.js';
import { session, type SessionEvent } from './session.js';

const given = scenariosOf(session, streams.session('2QnBvYb4ZJk9eTfMhXgPcRsAduW'));

const AGENT = '2QnBvYb4ZJk9eTfMhXgPcRsAduA';
const where = { project_id: 'blue' };
const created: EventOf<'SessionCreated'> = {
  type: 'SessionCreated',
  payload: {
    ...where,
    agent_id: AGENT,
    created_by_user_id: 'ada',
    name: 'Review',
    llm_model: 'm',
    llm_temperature: 1,
    llm_max_tokens: 1,
  },
};
const started: EventOf<'SessionStarted'> = {
  type: 'SessionStarted',
  payload: { ...where, agent_id: AGENT, starting_prompt: 'Look.' },
};
const stopRequested: EventOf<'SessionStopRequested'> = { type: 'SessionStopRequested', payload: where };
const reported = (changes: SessionStatus): EventOf<'SessionStatusReported'> => ({
  type: 'SessionStatusReported',
  payload: { ...where, changes },
});

/** The shortest way into each phase. */
const into = (phase: Phase | ''): SessionEvent[] => {
  if (phase === '') return [created];
  if (phase === 'Pending') return [created, started];
  if (phase === 'Stopping') return [created, started, stopRequested];
  return [created, started, reported({ phase })];
};

const FROM = ['', ...PHASES] as const;

it.each(PHASES)('the phase after its events is %s', phase => {
  expect(given(...into(phase)).state).toMatchObject({ status: 'present', value: { phase } });
});

describe('a report of the runtime', () => {
  /** Recorded `+`, nothing new `=`, conflict `x`. Columns: a report without phase, then the phases in their order. */
  // prettier-ignore
  const TABLE = {
    //          –  Pe Cr Ru Sg Sd Co Fa
    '':         '+  +  +  +  +  +  +  +',
    Pending:    '+  =  +  +  +  +  +  +',
    Creating:   '+  x  =  +  +  +  +  +',
    Running:    '+  x  x  =  +  +  +  +',
    Stopping:   '+  x  x  x  =  +  +  +',
    Stopped:    '+  x  x  x  x  =  x  x',
    Completed:  '+  x  x  x  x  x  =  x',
    Failed:     '+  x  x  x  x  x  x  =',
  };

  const cases = FROM.flatMap(from =>
    TABLE[from].split(/ +/).map((outcome, column) => ({ from, outcome, to: column === 0 ? undefined : PHASES[column - 1] })),
  );

  it('has a row and a column for every phase', () => {
    expect(cases).toHaveLength(8 * 8);
  });

  it.each(cases)('of phase $to on a session that is "$from": $outcome', ({ from, to, outcome }) => {
    const status: SessionStatus = to === undefined ? { sdk_session_id: 'sdk' } : { phase: to };
    const result = given(...into(from)).when({ type: 'ReportStatus', status });
    if (outcome === '+') result.thenEvents(reported(status));
    else if (outcome === '=') result.thenNothing();
    else result.thenRejected('conflict', new RegExp(`a session that is ${from} can't be reported ${to}`));
  });

  it('carries only what is new', () => {
    given(...into('Running'))
      .when({ type: 'ReportStatus', status: { phase: 'Running', sdk_restart_count: 0, kube_namespace: 'ns' } })
      .thenEvents(reported({ sdk_restart_count: 0, kube_namespace: 'ns' }));
  });

  it('decides nothing the second time', () => {
    const report = { type: 'ReportStatus', status: { phase: 'Completed', completion_time: at(9), conditions: '[]' } } as const;
    given(...into('Running'))
      .when(report, report)
      .thenNothing();
  });

  it('may still add what a terminal session left behind', () => {
    given(...into('Failed'))
      .when({ type: 'ReportStatus', status: { phase: 'Failed', completion_time: at(9) } })
      .thenEvents(reported({ completion_time: at(9) }));
  });

  it('of a phase that is refused records nothing of the rest', () => {
    given(...into('Stopped'))
      .when({ type: 'ReportStatus', status: { phase: 'Running', sdk_session_id: 'sdk' } })
      .thenRejected('conflict', /Stopped can't be reported Running/);
  });

  it('shows in the session', () => {
    expect(given(...into('Pending'), reported({ phase: 'Running', start_time: at(2), kube_cr_uid: 'uid' })).state).toMatchObject({
      value: { phase: 'Running', start_time: at(2), kube_cr_uid: 'uid', updated_at: at(2) },
    });
  });
});

describe('starting a session', () => {
  const start = { type: 'StartSession', starting_prompt: 'Look.' } as const;

  it.each(['', 'Stopped', 'Completed', 'Failed'] as const)('is allowed from "%s"', phase => {
    given(...into(phase))
      .when(start)
      .thenEvents(started);
  });

  it.each(['Pending', 'Creating', 'Running', 'Stopping'] as const)('is a conflict from %s', phase => {
    given(...into(phase))
      .when(start)
      .thenRejected('conflict', new RegExp(`the session is ${phase}: it can be started before`));
  });

  it('begins anew: Pending, without the times and conditions of the run before', () => {
    const before = reported({
      phase: 'Failed',
      start_time: at(1),
      completion_time: at(2),
      conditions: '[1]',
      sdk_session_id: 'sdk',
    });
    const { state } = given(created, started, before, started);
    expect(state).toMatchObject({ value: { phase: 'Pending', sdk_session_id: 'sdk' } });
    for (const field of ['start_time', 'completion_time', 'conditions']) expect(state).not.toHaveProperty(`value.${field}`);
  });

  it('of a session without agent names none', () => {
    const { agent_id: _, ...payload } = created.payload;
    given({ type: 'SessionCreated', payload })
      .when(start)
      .thenEvents({ type: 'SessionStarted', payload: { ...where, starting_prompt: 'Look.' } });
  });
});

describe('stopping a session', () => {
  it.each(['Pending', 'Creating', 'Running'] as const)('is allowed from %s', phase => {
    given(...into(phase))
      .when({ type: 'StopSession' })
      .thenEvents(stopRequested);
  });

  it.each(['', 'Stopping', 'Stopped', 'Completed', 'Failed'] as const)('is a conflict from "%s"', phase => {
    given(...into(phase))
      .when({ type: 'StopSession' })
      .thenRejected('conflict', new RegExp(`the session is ${phase || 'not started'}: only Pending, Creating and Running`));
  });

  it('records its reason', () => {
    given(...into('Running'))
      .when({ type: 'StopSession', reason: 'replaced' })
      .thenEvents({ type: 'SessionStopRequested', payload: { ...where, reason: 'replaced' } });
  });
});
