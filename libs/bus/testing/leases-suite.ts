import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Leases } from '../src/bus.js';
import { until } from './until.js';

/** Two that may lead the same names: two processes, as far as the adapter has that. */
export interface Contenders {
  readonly one: Leases;
  readonly other: Leases;
  close(): Promise<void>;
}

/** The contract of {@link Leases}. */
export function describeLeases(name: string, open: () => Promise<Contenders>): void {
  describe(`${name} are Leases`, () => {
    let contenders: Contenders;
    let work: string;
    let stops: AbortController[];
    let leases: Promise<void>[];
    let leaders: string[];
    let most: number;

    beforeEach(async () => {
      contenders = await open();
      work = `work-${randomUUID()}`;
      [stops, leases, leaders, most] = [[], [], [], 0];
    });
    afterEach(async () => {
      for (const stop of stops) stop.abort();
      await Promise.all(leases);
      await contenders.close();
    });

    /** Leads until told to stop, and puts itself among the leaders meanwhile. */
    const lead = (who: Leases, as: string, before: () => void = () => {}, of = work): AbortController => {
      const stop = new AbortController();
      stops.push(stop);
      const task = async (signal: AbortSignal): Promise<void> => {
        before();
        leaders.push(as);
        most = Math.max(most, leaders.length);
        await until(() => signal.aborted, 60_000);
        leaders = leaders.filter(leader => leader !== as);
      };
      leases.push(who.lead(of, task, stop.signal));
      return stop;
    };

    it('gives the lead to one who is alone', async () => {
      lead(contenders.one, 'one');
      await until(() => leaders.length === 1);
      expect(leaders).toEqual(['one']);
    });

    it('lets one lead, and another take over when that one stops', async () => {
      const first = lead(contenders.one, 'one');
      await until(() => leaders.length === 1);
      lead(contenders.other, 'other');
      first.abort();
      await leases[0];
      await until(() => leaders.includes('other'));
      expect(most).toBe(1);
    });

    it('lets different names be led at once', async () => {
      lead(contenders.one, 'one');
      lead(contenders.other, 'other', undefined, `${work}-b`);
      await until(() => leaders.length === 2);
      expect(leaders.toSorted()).toEqual(['one', 'other']);
    });

    it('gives the lead away when the work fails, and lets it lead again later', async () => {
      let failures = 0;
      lead(contenders.one, 'one', () => {
        if (failures++ === 0) throw new Error('the first try of this work fails, on purpose');
      });
      await until(() => failures >= 1);
      const other = lead(contenders.other, 'other');
      await until(() => leaders.length === 1);
      const [leader] = leaders;
      if (leader === 'other') other.abort();
      await until(() => leaders.includes('one'), 60_000);
      expect(most).toBe(1);
    });

    it('ends at once when it is stopped before its turn', async () => {
      lead(contenders.one, 'one');
      await until(() => leaders.length === 1);
      const waiting = lead(contenders.other, 'other');
      waiting.abort();
      await leases[1];
      expect(leaders).toEqual(['one']);
    });

    it('does not run the work of one who was stopped before', async () => {
      let ran = false;
      await contenders.one.lead(work, async () => void (ran = true), AbortSignal.abort());
      expect(ran).toBe(false);
    });

    it.each(['', 'a.b', 'a b', '*', 'ü', 'x'.repeat(65)])('refuses %j as a name', async name => {
      await expect(contenders.one.lead(name, async () => {}, AbortSignal.abort())).rejects.toThrow('no name of a lease');
    });

    it('runs a work again that ends by itself', async () => {
      let runs = 0;
      const stop = new AbortController();
      await contenders.one.lead(work, async () => void (++runs === 3 && stop.abort()), stop.signal);
      expect(runs).toBe(3);
    });

    it('waits for the work to end', async () => {
      const stop = new AbortController();
      let ended = false;
      const led = contenders.one.lead(
        work,
        async signal => {
          stop.abort();
          await until(() => signal.aborted);
          await new Promise(setImmediate);
          ended = true;
        },
        stop.signal,
      );
      await led;
      expect(ended).toBe(true);
    });
  });
}
