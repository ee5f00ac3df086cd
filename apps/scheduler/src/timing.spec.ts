import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextTick, parseSchedule } from '#schedule';
import { scheduledSession, type ScheduledSessionEvent } from '#domain';
import type { Occurred } from '#contracts';
import { at, created, deleted, resumed, suspended, updated } from '../testing/log-of.js';
import { Rhythm, rhythmOf, settingsAfter, timingOf, type Settings } from './timing.js';

describe('a rhythm', () => {
  const parsed = parseSchedule('*/10 9-17 * * MON-FRI');
  if (!parsed.ok) throw new Error(parsed.reason);

  it('has the same next times whatever it was asked for before', () => {
    const rhythm = new Rhythm(parsed.schedule, 'Europe/Berlin');
    const seconds = fc.integer({ min: at('00:00'), max: at('00:00') + 7 * 86_400 });
    fc.assert(
      fc.property(seconds, second => {
        const next = rhythm.next(second);
        expect(next).toBe(nextTick(parsed.schedule, 'Europe/Berlin', second));
        expect(rhythm.next(next)).toBe(nextTick(parsed.schedule, 'Europe/Berlin', next));
        expect(rhythm.next(second)).toBe(next);
      }),
    );
  });

  it('is one for all that have the same expression and zone', () => {
    expect(rhythmOf('5 * * * *', 'UTC')).toBe(rhythmOf('5 * * * *', 'UTC'));
    expect(rhythmOf('5 * * * *', 'UTC')).not.toBe(rhythmOf('5 * * * *', 'Asia/Tokyo'));
  });
});

describe('the settings', () => {
  const time = fc.option(fc.constantFrom('2026-02-01T09:00:00.000Z', '2026-02-03T09:00:00.500Z'));
  const changes = fc.record(
    {
      schedule: fc.constantFrom('* * * * *', '@daily'),
      timezone: fc.constantFrom('UTC', 'Asia/Kathmandu'),
      start_at: time,
      end_at: time,
      max_runs: fc.option(fc.integer({ min: 1, max: 5 })),
      jitter: fc.nat(3600),
      catch_up_policy: fc.constantFrom('none' as const, 'latest' as const, 'all' as const),
      catch_up_window: fc.nat(100),
      session_prompt: fc.option(fc.string()),
    },
    { requiredKeys: [] },
  );
  const events = fc.array(
    fc.oneof(
      changes.map(fields => updated(at('10:00'), fields)),
      fc.constantFrom(suspended(at('10:00')), resumed(at('10:00'))),
    ),
  );

  it('are those that the domain has after any events', () => {
    fc.assert(
      fc.property(events, fc.boolean(), (history, isDeleted) => {
        const all: Occurred<ScheduledSessionEvent>[] = [created(at('09:00'), { schedule: '0 * * * *' }), ...history];
        if (isDeleted) all.push(deleted(at('11:00')));
        const state = all.reduce((state, event) => scheduledSession.evolve(state, event), scheduledSession.initial);
        const settings = all.reduce<Settings | undefined>((before, event) => settingsAfter(before, event), undefined);
        if (state.status === 'present') expect(state.value).toMatchObject(settings!);
        expect(settings === undefined).toBe(state.status === 'deleted');
        for (const field of ['start_at', 'end_at', 'max_runs'] as const)
          if (state.status === 'present') expect(settings?.[field]).toBe(state.value[field]);
      }),
    );
  });

  it('give one timing, whichever schedules have them', () => {
    const settings = settingsAfter(undefined, created(at('09:00'), { schedule: '0 * * * *' }))!;
    expect(timingOf({ ...settings })).toBe(timingOf({ ...settings }));
    expect(timingOf({ ...settings, jitter: 5 })).not.toBe(timingOf(settings));
  });

  it('that were never accepted are refused', () => {
    const settings = settingsAfter(undefined, created(at('09:00'), { schedule: '0 * * * *' }))!;
    expect(() => timingOf({ ...settings, schedule: '@never' })).toThrow('@never');
  });
});
