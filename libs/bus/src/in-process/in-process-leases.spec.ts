import { describe, expect, it } from '@jest/globals';
import { describeLeases, ManualClock, until } from '../../testing/index.js';
import { InProcessLeases } from './in-process-leases.js';

const quiet = { warn: () => {}, error: () => {} };

describeLeases('InProcessLeases', async () => {
  const leases = new InProcessLeases({ log: quiet, pauseMs: 1 });
  return { one: leases, other: leases, close: async () => {} };
});

describe('InProcessLeases', () => {
  it('logs a failing work and waits before it runs it again', async () => {
    const clock = new ManualClock();
    const errors: string[] = [];
    const leases = new InProcessLeases({ log: { warn: () => {}, error: line => errors.push(line) }, clock, pauseMs: 500 });
    const stop = new AbortController();
    let runs = 0;
    const led = leases.lead('clock', () => Promise.reject(new Error(`run ${++runs}`)), stop.signal);
    await until(() => clock.pending.length === 1);
    expect(clock.pending).toEqual([500]);
    clock.advance(500);
    await until(() => errors.length === 2);
    expect(errors[1]).toContain('the work of clock failed: Error: run 2');
    stop.abort();
    await led;
    expect(clock.pending).toEqual([]);
  });

  it('takes a work that ends because it was stopped for no failure', async () => {
    const errors: string[] = [];
    const leases = new InProcessLeases({ log: { warn: () => {}, error: line => errors.push(line) } });
    const stop = new AbortController();
    let began = false;
    const work = (signal: AbortSignal): Promise<void> =>
      new Promise((_, reject) => {
        began = true;
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const led = leases.lead('clock', work, stop.signal);
    await until(() => began);
    stop.abort();
    await led;
    expect(errors).toEqual([]);
  });

  it('does not begin a work that is stopped as it gets the lead', async () => {
    const leases = new InProcessLeases({ log: quiet });
    const stop = new AbortController();
    let began = false;
    const led = leases.lead('clock', async () => void (began = true), stop.signal);
    stop.abort();
    await led;
    expect(began).toBe(false);
  });
});
