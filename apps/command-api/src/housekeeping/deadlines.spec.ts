import { describe, expect, it } from '@jest/globals';
import { streams, type Occurred } from '#contracts';
import type { SessionEvent } from '#domain';
import { endStatus, lifeOf, nextStep, type SessionLife } from './deadlines.js';

const AT = Date.parse('2026-03-01T09:00:00.000Z');
/** @param s seconds after nine */
const at = (s: number): number => AT + s * 1000;
const text = (s: number): string => new Date(at(s)).toISOString();

const running = (more: Partial<SessionLife> = {}): SessionLife => ({
  phase: 'Running',
  startedAt: at(0),
  startTime: at(10),
  lastSign: at(10),
  revision: 3,
  ...more,
});

describe('a timeout', () => {
  it('counts from the start that the runtime reported, and is kept 30 s later by the system', () => {
    const life = running({ timeout: 60 });
    expect(nextStep(life, at(99.9))).toBeUndefined();
    expect(nextStep(life, at(100))).toEqual({ step: 'stop', reason: 'timeout' });
  });

  it.each(['Pending', 'Creating'] as const)('counts from the start that was asked for while it is %s', phase => {
    const life = running({ timeout: 60, phase, startTime: undefined });
    expect([nextStep(life, at(89)), nextStep(life, at(90))]).toEqual([undefined, { step: 'stop', reason: 'timeout' }]);
  });

  it.each([undefined, 0])('that is %s is none', timeout => {
    expect(nextStep(running({ timeout }), at(1e6))).toBeUndefined();
  });
});

describe('an inactivity_timeout', () => {
  it('counts from the last sign of the session', () => {
    const life = running({ inactivity_timeout: 60, lastSign: at(500) });
    expect([nextStep(life, at(589)), nextStep(life, at(590))]).toEqual([
      undefined,
      { step: 'stop', reason: 'inactivity_timeout' },
    ]);
  });

  it('does not count before anyone has taken it up', () => {
    expect(nextStep(running({ inactivity_timeout: 60, phase: 'Pending', startTime: undefined }), at(1e6))).toBeUndefined();
  });
});

describe('a session that stops', () => {
  const stopping = (more: Partial<SessionLife>): SessionLife => running({ phase: 'Stopping', ...more });

  it('for a deadline has failed 30 s later', () => {
    const life = stopping({ stop: { at: at(100), deadline: 'timeout' } });
    expect([nextStep(life, at(129)), nextStep(life, at(130))]).toEqual([
      undefined,
      { step: 'end', reason: 'timeout', phase: 'Failed' },
    ]);
  });

  it('because it was asked to is given up after two minutes without a sign', () => {
    const life = stopping({ stop: { at: at(100) } });
    expect([nextStep(life, at(219)), nextStep(life, at(220))]).toEqual([
      undefined,
      { step: 'end', reason: 'stop_requested', phase: 'Stopped' },
    ]);
    expect(nextStep({ ...life, lastSign: at(150) }, at(269))).toBeUndefined();
  });

  it('by its own runtime is ended at its deadline alone', () => {
    expect(nextStep(stopping({}), at(1e6))).toBeUndefined();
    const life = stopping({ timeout: 60 });
    expect([nextStep(life, at(129)), nextStep(life, at(130))]).toEqual([
      undefined,
      { step: 'end', reason: 'timeout', phase: 'Failed' },
    ]);
  });
});

it.each(['', 'Stopped', 'Completed', 'Failed'] as const)('of a session that is "%s" nothing is due', phase => {
  expect(nextStep(running({ phase, timeout: 1, inactivity_timeout: 1 }), at(1e6))).toBeUndefined();
});

it('the report of an end says what a runtime would have said, and that none did', () => {
  const { phase, completion_time, conditions } = endStatus(
    { step: 'end', reason: 'timeout', phase: 'Failed' },
    running({ timeout: 60 }),
    text(130),
  );
  expect([phase, completion_time]).toEqual(['Failed', text(130)]);
  const message = 'ran longer than its timeout of 60 s, and no runtime reported its end';
  expect(JSON.parse(conditions ?? '')).toEqual([{ type: 'Lost', reason: 'timeout', message, at: text(130) }]);
});

describe('the life of a session', () => {
  const happened = (type: string, s: number, payload: object = {}, kind = 'user'): Occurred<SessionEvent> =>
    ({
      type,
      payload,
      stream: streams.session('2AbCdEfGhIjKlMnOpQrStUvWxYz'),
      revision: s,
      metadata: { occurred_at: text(s), actor: { id: 'x', kind } },
    }) as unknown as Occurred<SessionEvent>;
  const begun = [
    happened('SessionCreated', 0, { name: 's', created_by_user_id: 'ann', timeout: 60 }),
    happened('SessionStarted', 1, { starting_prompt: '' }),
    happened('SessionStatusReported', 2, { changes: { phase: 'Running', start_time: text(2) } }),
  ];

  it('is told by its events and its last message', () => {
    expect(lifeOf(begun, text(7))).toEqual({
      phase: 'Running',
      timeout: 60,
      inactivity_timeout: undefined,
      startedAt: at(1),
      startTime: at(2),
      lastSign: at(7),
      stop: undefined,
      revision: 2,
    });
    expect(lifeOf(begun, undefined)?.lastSign).toBe(at(2));
  });

  it('knows the deadline for which the system has stopped it, and takes no person at the word', () => {
    const stopped = (kind: string, reason?: string) =>
      lifeOf([...begun, happened('SessionStopRequested', 90, { reason }, kind)], undefined)?.stop;
    expect(stopped('policy', 'timeout')).toEqual({ at: at(90), deadline: 'timeout' });
    expect(stopped('policy', 'replaced')).toEqual({ at: at(90), deadline: undefined });
    expect(stopped('user', 'timeout')).toEqual({ at: at(90), deadline: undefined });
  });

  it('begins anew with each start', () => {
    const again = [
      ...begun,
      happened('SessionStopRequested', 90, { reason: 'timeout' }, 'policy'),
      happened('SessionStatusReported', 95, { changes: { phase: 'Stopped' } }),
      happened('SessionStarted', 200, { starting_prompt: '' }),
    ];
    expect(lifeOf(again, undefined)).toMatchObject({
      phase: 'Pending',
      startedAt: at(200),
      startTime: undefined,
      stop: undefined,
    });
  });

  it('is over when it was deleted', () => {
    expect(lifeOf([...begun, happened('SessionDeleted', 3)], undefined)).toBeUndefined();
  });
});
