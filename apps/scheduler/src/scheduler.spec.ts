import { afterEach, describe, expect, it } from '@jest/globals';
import { check, deterministicUuid, runIdOf, TriggerRequested } from '#contracts';
import { PROJECT, SchedulerWorld } from '../testing/scheduler-world.js';

const A = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const B = '2QnBvYb4ZJk9eTfMhXgPcRsAduX';
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const HOURLY = { schedule: '0 * * * *' };
const EVERY_MINUTE = { schedule: '* * * * *' };
const time = (clock: string): string => `2026-02-01T${clock.length === 5 ? `${clock}:00` : clock}.000Z`;

describe('a scheduler', () => {
  let world: SchedulerWorld;
  afterEach(() => world.end());

  const worldAt = async (clock: string): Promise<SchedulerWorld> => (world = await SchedulerWorld.at(time(clock)));

  it('asks for each tick once, at its second', async () => {
    await worldAt('09:00:10');
    await world.create(A, EVERY_MINUTE);
    await world.start();
    for (const minute of ['09:01', '09:02', '09:03']) {
      await world.clock.advance(MINUTE);
      await world.decide(A, time(minute));
    }
    expect(world.asked).toEqual(['09:01', '09:02', '09:03'].map(minute => [time(minute), time(minute)]));
    expect(world.bus.sent.map(({ request }) => request.trigger)).toEqual(['schedule', 'schedule', 'schedule']);
  });

  it('asks in the form that the catalog gives the message', async () => {
    await worldAt('09:59:50');
    await world.create(A, HOURLY);
    await world.start();
    await world.clock.advance(15 * SECOND);
    const [{ message, request }] = world.bus.sent as [(typeof world.bus.sent)[0]];
    const runId = runIdOf(A, time('10:00'));
    expect(check(TriggerRequested, request)).toMatchObject({ ok: true });
    expect(request).toEqual({
      scheduled_session_id: A,
      project_id: PROJECT,
      scheduled_for: time('10:00'),
      trigger: 'schedule',
      requested_at: time('10:00'),
    });
    expect(message).toMatchObject({ id: runId, subject: `ambient.trigger.requested.${PROJECT}.${A}` });
    expect(message.headers).toEqual({
      'ce-specversion': '1.0',
      'ce-id': runId,
      'ce-source': '/ambient/scheduler',
      'ce-type': 'ambient.trigger.requested.v1',
      'ce-time': time('10:00'),
      'ce-subject': A,
      'content-type': 'application/json',
    });
  });

  it('asks again 30 s after the bus took the request, and every 5 min after the tenth', async () => {
    await worldAt('09:59:59');
    await world.create(A, HOURLY);
    await world.start();
    await world.clock.advance(20 * MINUTE);
    const waits = world.bus.sent.map(({ at }) => (at - Date.parse(time('10:00'))) / 1000);
    expect(waits).toEqual([0, 30, 60, 90, 120, 150, 180, 210, 240, 270, 570, 870, 1170]);
    expect(new Set(world.asked.map(([, tick]) => tick))).toEqual(new Set([time('10:00')]));
    const runId = runIdOf(A, time('10:00'));
    expect(world.bus.sent.slice(0, 3).map(({ message }) => message.id)).toEqual([
      runId,
      deterministicUuid(runId, '1'),
      deterministicUuid(runId, '2'),
    ]);
    expect(world.bus.sent.every(({ message }) => message.headers?.['ce-id'] === runId)).toBe(true);
  });

  it('asks no more once there is an outcome', async () => {
    await worldAt('09:59:59');
    await world.create(A, HOURLY);
    await world.start();
    await world.clock.advance(40 * SECOND);
    await world.decide(A, time('10:00'));
    await world.clock.advance(10 * MINUTE);
    expect(world.asked).toHaveLength(2);
  });

  it('asks again within a second while the bus is down, and counts nothing as asked', async () => {
    await worldAt('09:59:59');
    await world.create(A, HOURLY);
    await world.start();
    world.bus.isDown = true;
    await world.clock.advance(5 * SECOND);
    expect(world.bus.refused).toBeGreaterThanOrEqual(4);
    world.bus.isDown = false;
    await world.clock.advance(2 * SECOND);
    expect(world.bus.sent.map(({ message }) => message.id)).toEqual([runIdOf(A, time('10:00'))]);
  });

  it('is woken by a schedule that is created while it sleeps', async () => {
    await worldAt('09:59:30');
    await world.start();
    await world.clock.advance(29_700);
    await world.create(A, HOURLY);
    await world.clock.advance(SECOND);
    expect(world.asked).toEqual([[time('10:00'), time('10:00')]]);
  });

  it('follows changes: a suspended schedule is silent, a resumed one speaks again', async () => {
    await worldAt('09:00:10');
    await world.create(A, EVERY_MINUTE);
    await world.start();
    await world.change(A, { type: 'SuspendScheduledSession' });
    await world.clock.advance(5 * MINUTE);
    expect(world.asked).toEqual([]);
    await world.change(A, { type: 'ResumeScheduledSession' });
    await world.clock.advance(MINUTE);
    expect(world.asked).toEqual([[time('09:06'), time('09:06')]]);
  });

  it('asks for all schedules that are due in the same second', async () => {
    await worldAt('09:59:30');
    await world.create(A, HOURLY);
    await world.create(B, { schedule: '0 10 * * *' });
    await world.start();
    await world.clock.advance(31 * SECOND);
    expect(world.bus.sent.map(({ at, request }) => [at, request.scheduled_session_id])).toEqual(
      [A, B].map(id => [Date.parse(time('10:00')), id]),
    );
  });

  describe('that starts after an outage', () => {
    it('asks for what was missed as catch_up, oldest first, at most 10 a second for a schedule', async () => {
      await worldAt('09:00');
      await world.create(A, { ...EVERY_MINUTE, catch_up_policy: 'all' });
      await world.create(B, { ...EVERY_MINUTE, catch_up_policy: 'all' });
      world.clock.set(35 * MINUTE);
      await world.start();
      await world.clock.advance(10 * SECOND);
      for (const id of [A, B]) {
        const requests = world.bus.sent.filter(({ request }) => request.scheduled_session_id === id);
        expect(requests.map(({ request }) => request.scheduled_for)).toEqual(
          Array.from({ length: 35 }, (_, index) => time(`09:${String(index + 1).padStart(2, '0')}`)),
        );
        const perSecond = Map.groupBy(requests, ({ at }) => Math.floor(at / 1000));
        expect(Math.max(...[...perSecond.values()].map(({ length }) => length))).toBe(10);
      }
      expect(new Set(world.bus.sent.map(({ request }) => request.trigger))).toEqual(new Set(['catch_up']));
    });

    it('asks for old ticks that no policy would run as one range', async () => {
      await worldAt('00:00');
      await world.create(A, { ...HOURLY, catch_up_policy: 'latest' });
      world.clock.set(9 * HOUR + 30 * MINUTE);
      await world.start();
      await world.clock.advance(SECOND);
      expect(world.bus.sent.map(({ request }) => [request.scheduled_for, request.missed_through])).toEqual([
        [time('01:00'), time('07:00')],
        [time('08:00'), undefined],
        [time('09:00'), undefined],
      ]);
    });

    it('does not ask for what has an outcome', async () => {
      await worldAt('09:00');
      await world.create(A, HOURLY);
      world.clock.set(2 * HOUR + MINUTE);
      await world.decide(A, time('10:00'));
      await world.start();
      await world.clock.advance(SECOND);
      expect(world.asked.map(([, tick]) => tick)).toEqual([time('11:00')]);
    });
  });

  describe('whose clock is set', () => {
    it('an hour back asks for no decided tick again, and for the next at its time', async () => {
      await worldAt('09:59:59');
      await world.create(A, HOURLY);
      await world.start();
      await world.clock.advance(2 * SECOND);
      await world.decide(A, time('10:00'));
      world.clock.set(-HOUR);
      await world.clock.advance(2 * HOUR);
      expect(world.asked).toEqual([
        [time('10:00'), time('10:00')],
        [time('11:00'), time('11:00')],
      ]);
    });

    it('an hour back asks for an undecided tick no more often than its waits allow', async () => {
      await worldAt('09:59:59');
      await world.create(A, HOURLY);
      await world.start();
      await world.clock.advance(2 * SECOND);
      world.clock.set(-HOUR);
      await world.clock.advance(3 * MINUTE);
      expect(world.asked.length).toBeLessThanOrEqual(8);
    });

    it('an hour forwards asks for what was leapt over as catch_up, and goes on in time', async () => {
      await worldAt('09:05');
      await world.create(A, { schedule: '*/20 * * * *' });
      await world.start();
      world.clock.set(HOUR);
      await world.clock.advance(SECOND);
      expect(world.bus.sent.map(({ request }) => [request.scheduled_for, request.trigger])).toEqual(
        ['09:20', '09:40', '10:00'].map(tick => [time(tick), 'catch_up']),
      );
      for (const tick of ['09:20', '09:40', '10:00']) await world.decide(A, time(tick));
      await world.clock.advance(15 * MINUTE);
      expect(world.asked.at(-1)).toEqual([time('10:20'), time('10:20')]);
      expect(world.asked).toHaveLength(4);
    });
  });
});
