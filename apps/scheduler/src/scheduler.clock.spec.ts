/** Jitter, clocks that are set, processes that sleep, buses that are away, many at once. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { startDelay } from '#schedule';
import { SchedulerWorld } from '../testing/scheduler-world.js';

const A = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const HOURLY = { schedule: '0 * * * *' };
const EVERY_MINUTE = { schedule: '* * * * *' };
const JITTERED = { ...HOURLY, jitter: 3600 };
const time = (clock: string): string => `2026-02-01T${clock.length === 5 ? `${clock}:00` : clock}.000Z`;
const startOf = (clock: string): number => {
  const tick = Date.parse(time(clock)) / 1000;
  return (tick + startDelay(A, tick, 3600, tick + 3600)) * 1000;
};

describe('a scheduler', () => {
  let world: SchedulerWorld;
  afterEach(() => world.end());

  const worldAt = async (clock: string): Promise<SchedulerWorld> => (world = await SchedulerWorld.at(time(clock)));
  const asked = () => world.bus.sent.map(({ at, request }) => [at, request.scheduled_for, request.trigger]);
  /** Lets time pass until a moment. */
  const advanceTo = (moment: number) => world.clock.advance(moment - world.clock.now());

  describe('of a schedule with jitter', () => {
    it('asks at the start of a tick, which keeps its nominal time', async () => {
      await worldAt('09:59:30');
      await world.create(A, JITTERED);
      await world.start();
      await advanceTo(startOf('10:00') + SECOND);
      expect(asked()).toEqual([[startOf('10:00'), time('10:00'), 'schedule']]);
    });

    it('asks for a tick in its time that waits while another scheduler takes over', async () => {
      await worldAt('09:59:30');
      await world.create(A, JITTERED);
      await world.start();
      await advanceTo(startOf('10:00') - 20 * SECOND);
      await world.stop();
      await world.start();
      await advanceTo(startOf('10:00') + SECOND);
      expect(asked()).toEqual([[startOf('10:00'), time('10:00'), 'schedule']]);
    });

    it('asks in time when the clock was set back while the tick waited', async () => {
      await worldAt('09:59:30');
      await world.create(A, JITTERED);
      await world.start();
      await advanceTo(Date.parse(time('10:00:10')));
      world.clock.set(-HOUR);
      await world.clock.advance(HOUR - 20 * SECOND);
      expect(asked()).toEqual([]);
      await advanceTo(startOf('10:00') + SECOND);
      expect(asked()).toEqual([[startOf('10:00'), time('10:00'), 'schedule']]);
    });

    it('asks at once, as catch_up, for what the clock leapt over', async () => {
      await worldAt('09:59:30');
      await world.create(A, JITTERED);
      await world.start();
      await advanceTo(startOf('10:00') - SECOND);
      world.clock.set(40 * SECOND);
      await world.clock.advance(SECOND);
      expect(asked()).toMatchObject([[expect.any(Number), time('10:00'), 'catch_up']]);
    });
  });

  describe('that was suspended', () => {
    it('over 60 s of a minutely schedule catches up what it slept over, and asks for nothing twice', async () => {
      await worldAt('09:59:50');
      await world.create(A, EVERY_MINUTE);
      await world.start();
      await advanceTo(Date.parse(time('10:00')));
      await world.decide(A, time('10:00'));
      // Its clock goes on while it does not; timers begin where they were.
      world.clock.set(MINUTE + 35 * SECOND);
      await world.clock.advance(SECOND);
      expect(asked()).toEqual([
        [Date.parse(time('10:00')), time('10:00'), 'schedule'],
        [expect.any(Number), time('10:01'), 'catch_up'],
      ]);
      await advanceTo(Date.parse(time('10:02')));
      expect(asked().slice(2)).toContainEqual([Date.parse(time('10:02')), time('10:02'), 'schedule']);
    });

    it('over a tick by less than 30 s asks for it as if nothing had been', async () => {
      await worldAt('09:59:30');
      await world.create(A, HOURLY);
      await world.start();
      world.clock.set(MINUTE - 5 * SECOND);
      await world.clock.advance(SECOND);
      expect(asked()).toMatchObject([[expect.any(Number), time('10:00'), 'schedule']]);
    });
  });

  it('whose clock is set back and forth asks for each tick once, when each is decided', async () => {
    await worldAt('09:00:10');
    await world.create(A, { schedule: '*/10 * * * *' });
    await world.start();
    for (const step of [0, -HOUR, HOUR, 0]) {
      world.clock.set(step);
      for (let turn = 0; turn < 70; turn++) {
        await world.clock.advance(30 * SECOND);
        for (const [, tick] of world.asked) if (!decided.has(tick)) await world.decide(A, tick);
        for (const [, tick] of world.asked) decided.add(tick);
      }
    }
    const ticks = world.asked.map(([, tick]) => tick);
    expect(new Set(ticks).size).toBe(ticks.length);
    const last = Date.parse(ticks.toSorted().at(-1)!);
    const nominal = [];
    for (let at = Date.parse(time('09:10')); at <= last; at += 10 * MINUTE) nominal.push(new Date(at).toISOString());
    expect(ticks.toSorted()).toEqual(nominal);
  });
  const decided = new Set<string>();

  it('does not let a slow bus hold the clock: what falls due meanwhile is asked for too', async () => {
    await worldAt('09:59:59');
    await world.create(A, EVERY_MINUTE);
    await world.start();
    world.bus.isSlow = true;
    await world.clock.advance(2 * SECOND);
    await world.clock.advance(MINUTE);
    expect(world.bus.held.map(({ request }) => request.scheduled_for)).toEqual([time('10:00'), time('10:01')]);
  });

  it('asks for thousands that are due together, each once, also when the bus goes away in the middle of it', async () => {
    await worldAt('09:59:50');
    const ids = Array.from({ length: 1500 }, (_, n) => `2QnBvYb4ZJk9eTfMhXgPc${String(n).padStart(6, '0')}`);
    for (const id of ids) await world.create(id, HOURLY);
    await world.start();
    world.bus.takesOnly = 700;
    await advanceTo(Date.parse(time('10:00')));
    await world.bus.refuses();
    world.bus.takesOnly = Number.POSITIVE_INFINITY;
    await world.clock.advance(3 * SECOND);
    await world.bus.took(ids.length);
    expect(world.bus.sent.map(({ request }) => request.scheduled_session_id).toSorted()).toEqual(ids);
  });
});
