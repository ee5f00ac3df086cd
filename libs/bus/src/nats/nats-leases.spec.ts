import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { randomUUID } from 'node:crypto';
import { describeWithEngine, startNatsServer, type NatsServer } from '#testing';
import { describeLeases, ManualClock, until } from '../../testing/index.js';
import { type Clock } from '../clock.js';
import { connectNats, type NatsConnection } from './connection.js';
import { type LeaseTimes } from './lease-key.js';
import { LEASE_TIMES, NatsLeases } from './nats-leases.js';

/** A quarter of the real ones. */
const QUICK: LeaseTimes = { bucketTtlMs: 2500, leaseMs: 2000, renewMs: 750, retryMs: 250, lookMs: 125, timeoutMs: 500 };

const quiet = { warn: () => {}, error: () => {} };

describeWithEngine('nats', 'with a real NATS', url => {
  describe('NatsLeases', () => {
    const bucket = `TEST_${randomUUID()}`;
    let connections: NatsConnection[];
    const join = async (): Promise<NatsLeases> => {
      const connection = await connectNats({ url: url(), log: quiet });
      connections.push(connection);
      return new NatsLeases({ connection, log: quiet, bucket, pauseMs: 1 });
    };
    beforeAll(() => void (connections = []));
    afterAll(async () => {
      const manager = await jetstreamManager(connections[0]!);
      await manager.streams.delete(`KV_${bucket}`);
      await Promise.all(connections.map(connection => connection.close()));
    });

    describeLeases('NatsLeases', async () => ({ one: await join(), other: await join(), close: async () => {} }));
  });
});

describeWithEngine('nats', 'NatsLeases and their faults', () => {
  let server: NatsServer;
  let connections: NatsConnection[];
  let stop: AbortController;
  let leads: Promise<void>[];
  /** What happened, in turn: `one leads`, `one lost`. */
  let story: string[];

  beforeEach(async () => {
    server = await startNatsServer();
    [connections, leads, story] = [[], [], []];
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(leads);
    await Promise.all(connections.map(connection => connection.close()));
    await server.stop();
  });

  /** Leads as another process would. */
  const lead = async (
    who: string,
    { clock, times = QUICK }: { clock?: Clock; times?: LeaseTimes } = {},
  ): Promise<{ crash(): Promise<void>; stop(): Promise<void> }> => {
    const connection = await connectNats({ url: server.url, log: quiet, name: who });
    connections.push(connection);
    const mine = new AbortController();
    const work = async (signal: AbortSignal): Promise<void> => {
      story.push(`${who} leads`);
      await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
      story.push(`${who} lost`);
    };
    const led = new NatsLeases({ connection, log: quiet, clock, times }).lead(
      'work',
      work,
      AbortSignal.any([stop.signal, mine.signal]),
    );
    leads.push(led);
    return {
      crash: () => connection.close(),
      stop: () => {
        mine.abort();
        return led;
      },
    };
  };
  const seconds = async (condition: () => boolean): Promise<number> => {
    const since = performance.now();
    await until(condition, 25_000);
    return (performance.now() - since) / 1000;
  };

  it('lets another lead under 10 s after the leader crashed', async () => {
    const one = await lead('one', { times: LEASE_TIMES });
    await until(() => story.includes('one leads'));
    await lead('other', { times: LEASE_TIMES });
    await one.crash();
    expect(await seconds(() => story.includes('other leads'))).toBeLessThan(10);
  }, 40_000);

  it('lets another lead within a second after the leader stopped', async () => {
    const one = await lead('one');
    await until(() => story.includes('one leads'));
    await lead('other');
    await one.stop();
    expect(await seconds(() => story.includes('other leads'))).toBeLessThan(1);
    expect(story).toEqual(['one leads', 'one lost', 'other leads']);
  });

  it('keeps the lead for longer than a lease lasts, also when NATS restarts meanwhile', async () => {
    await lead('one');
    await until(() => story.includes('one leads'));
    await lead('other');
    const since = performance.now();
    await until(() => performance.now() - since > 1500);
    await server.restart();
    await until(() => performance.now() - since > 5000);
    expect(story).toEqual(['one leads']);
  }, 40_000);

  it('tells a leader that was paused past its lease, when it wakes, that it leads no more', async () => {
    // A process that is stopped: its clock stands, and none of its timers fires.
    const paused = new ManualClock();
    await lead('one', { clock: paused });
    await until(() => story.includes('one leads'));
    await lead('other');
    await until(() => story.includes('other leads'), 25_000);
    expect(story).toEqual(['one leads', 'other leads']);
    paused.advance(60_000);
    await until(() => story.includes('one lost'));
    expect(story).toEqual(['one leads', 'other leads', 'one lost']);
  }, 40_000);

  it('tells a leader that wakes within its lease that another took it', async () => {
    const paused = new ManualClock();
    await lead('one', { clock: paused });
    await until(() => story.includes('one leads'));
    await lead('other');
    await until(() => story.includes('other leads'), 25_000);
    paused.advance(QUICK.renewMs);
    await until(() => story.includes('one lost'));
  }, 40_000);

  it('leads on while NATS is away, at most until the lease runs out, and leads again when it is back', async () => {
    await lead('one');
    await until(() => story.includes('one leads'));
    await server.kill();
    const lost = await seconds(() => story.includes('one lost'));
    expect(lost).toBeGreaterThan(1);
    expect(lost).toBeLessThan(2.5);
    await server.restart();
    await until(() => story.length === 3);
    expect(story).toEqual(['one leads', 'one lost', 'one leads']);
  }, 40_000);

  it('has a leader again when the bucket was lost', async () => {
    await lead('one');
    await until(() => story.includes('one leads'));
    await server.restart({ wiped: true });
    await lead('other');
    await until(() => story.length >= 2);
    const since = performance.now();
    await until(() => performance.now() - since > 2000);
    const leading = (who: string) => story.filter(line => line.startsWith(who)).at(-1) === `${who} leads`;
    expect([leading('one'), leading('other')].filter(Boolean)).toHaveLength(1);
  }, 40_000);

  it('stops while NATS is away', async () => {
    const one = await lead('one');
    await until(() => story.includes('one leads'));
    await server.kill();
    await one.stop();
    expect(story).toEqual(['one leads', 'one lost']);
  });
});
