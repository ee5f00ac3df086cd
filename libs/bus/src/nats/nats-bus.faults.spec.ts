import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { describeWithEngine, startNatsServer, type NatsServer } from '#testing';
import { natsFixture, until, type NatsFixture } from '../../testing/index.js';
import { BusUnavailable, RetryLater, type Bus, type ConsumeOptions, type Delivery } from '../bus.js';
import { type NatsBusOptions } from './nats-bus.js';

const TOPIC = 'fault';
const options: ConsumeOptions = { durable: 'd', subject: `${TOPIC}.*`, concurrency: 8, backoffMs: [10], maxDeliveries: 3 };
const message = (id: string) => ({ id, subject: `${TOPIC}.a`, data: '{}' });

describeWithEngine('nats', 'NatsBus and its faults', () => {
  let server: NatsServer;
  let fixtures: NatsFixture[];
  let lines: string[];

  beforeEach(async () => {
    [fixtures, lines] = [[], []];
    server = await startNatsServer();
  });
  afterEach(async () => {
    for (const { connection } of fixtures) await connection.close();
    await server.stop();
  });

  /** A bus as another process would have it. */
  const join = async (over: Partial<NatsBusOptions> = {}): Promise<{ bus: Bus; crash: () => Promise<void> }> => {
    const log = { warn: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };
    const fixture = await natsFixture(server.url, log);
    fixtures.push(fixture);
    return { bus: fixture.bus(TOPIC, { timeoutMs: 500, ...over }), crash: () => fixture.connection.close() };
  };
  const collect = async (bus: Bus): Promise<string[]> => {
    const seen: string[] = [];
    await bus.consume(options, async ({ id }) => void seen.push(id));
    return seen;
  };
  const publishes = (bus: Bus, id: string) => async (): Promise<boolean> => {
    try {
      await bus.publish(message(id));
      return true;
    } catch (error) {
      if (error instanceof BusUnavailable) return false;
      throw error;
    }
  };

  it('is unavailable while the server is away, and publishes and consumes by itself when it is back', async () => {
    const { bus } = await join();
    const seen = await collect(bus);
    await bus.publish(message('1'));
    await until(() => seen.length === 1);
    await server.kill();
    await expect(bus.publish(message('2'))).rejects.toThrow(BusUnavailable);
    await expect(bus.deadLetters()).rejects.toThrow(BusUnavailable);
    await server.restart();
    await until(publishes(bus, '3'));
    await until(() => seen.includes('3'));
  });

  it('is unavailable while the server hangs, and goes on when it wakes', async () => {
    const { bus } = await join();
    const seen = await collect(bus);
    await bus.publish(message('1'));
    server.signal('SIGSTOP');
    await expect(bus.publish(message('2'))).rejects.toThrow(BusUnavailable);
    server.signal('SIGCONT');
    await until(publishes(bus, '3'));
    await until(() => seen.includes('3'));
  });

  it('keeps what it took over a kill of the server', async () => {
    const { bus } = await join();
    for (let id = 0; id < 100; id++) await bus.publish(message(String(id)));
    await server.kill();
    await server.restart();
    const seen = await collect(bus);
    await until(() => new Set(seen).size === 100);
  });

  it('makes stream and durable again when the server lost them, and goes on in every process', async () => {
    const [one, other, publisher] = [await join(), await join(), await join()];
    const [seen, others] = [await collect(one.bus), await collect(other.bus)];
    await publisher.bus.publish(message('1'));
    await until(() => seen.length + others.length === 1);
    await server.restart({ wiped: true });
    for (let id = 0; id < 20; id++) await until(publishes(publisher.bus, `after ${id}`));
    await until(() => new Set([...seen, ...others]).size === 21);
  });

  it('keeps what is published after a loss before there is a consumer again', async () => {
    const { bus } = await join();
    const consumer = await bus.consume(options, async () => {});
    await consumer.stop();
    await server.restart({ wiped: true });
    await until(publishes(bus, '1'));
    const seen = await collect(bus);
    await until(() => seen.includes('1'));
  });

  it('does not take a message for handled because one of its number was before the loss', async () => {
    const { bus, crash } = await join({ ackWaitMs: 500 });
    const { promise: open, resolve: release } = Promise.withResolvers<void>();
    const began: string[] = [];
    await bus.consume(options, async ({ id }) => {
      began.push(id);
      await (id === 'old' ? open : new Promise(() => {}));
    });
    await bus.publish(message('old'));
    await until(() => began.length === 1);
    await server.restart({ wiped: true });
    await until(publishes(bus, 'new'));
    await until(() => began.includes('new'));
    release();
    await until(publishes(bus, 'last'));
    await crash();
    const seen = await collect((await join()).bus);
    await until(() => seen.includes('new'));
  });

  it.each(['durable', 'stream'])('goes on when its %s is deleted beneath it', async what => {
    const { bus } = await join();
    const seen = await collect(bus);
    await bus.publish(message('1'));
    await until(() => seen.length === 1);
    const manager = await jetstreamManager(fixtures[0]!.connection);
    if (what === 'durable') await manager.consumers.delete(`TEST_${TOPIC}`, 'd');
    else await manager.streams.delete(`TEST_${TOPIC}`);
    await until(publishes(bus, '2'));
    await until(() => seen.includes('2'));
  });

  it('does not deliver a message again while a process handles it longer than the server waits for an answer', async () => {
    const [one, other] = [await join({ ackWaitMs: 300 }), await join()];
    const { promise: open, resolve: release } = Promise.withResolvers<void>();
    const began: number[] = [];
    const handler = async ({ attempt }: Delivery) => (began.push(attempt), open);
    await one.bus.consume(options, handler);
    await other.bus.consume(options, handler);
    await one.bus.publish(message('1'));
    const since = performance.now();
    await until(() => performance.now() - since > 1500);
    release();
    await one.bus.close();
    expect(began).toEqual([1]);
  });

  it('goes on handling over a restart of the server, once, and answers when the server is back', async () => {
    const { bus } = await join({ ackWaitMs: 300 });
    const { promise: open, resolve: release } = Promise.withResolvers<void>();
    const began: string[] = [];
    const consumer = await bus.consume(options, async ({ id }) => (began.push(id), open));
    await bus.publish(message('1'));
    await until(() => began.length === 1);
    await server.kill();
    release();
    await server.restart();
    await until(publishes(bus, '2'));
    await until(() => began.includes('2'));
    await consumer.stop();
    const manager = await jetstreamManager(fixtures[0]!.connection);
    await until(async () => (await manager.streams.info(`TEST_${TOPIC}`)).state.messages === 0);
    expect(began).toEqual(['1', '2']);
  });

  it('delivers what a process that ended had in handling to another', async () => {
    const [one, other] = [await join({ ackWaitMs: 300 }), await join()];
    const began: string[] = [];
    await one.bus.consume(options, ({ id }) => (began.push(id), new Promise<void>(() => {})));
    await one.bus.publish(message('1'));
    await until(() => began.length === 1);
    await one.crash();
    const seen: Delivery[] = [];
    await other.bus.consume(options, async delivery => void seen.push(delivery));
    await until(() => seen.length === 1);
    // The broker may have tried the process that is gone more than once.
    expect(seen[0]).toMatchObject({ id: '1' });
    expect(seen[0]?.attempt).toBeGreaterThan(1);
  });

  it('puts a message that ends every process to the dead letters, and never hands it out again', async () => {
    const began: number[] = [];
    for (let process = 1; process <= 3; process++) {
      const { bus, crash } = await join({ ackWaitMs: 200 });
      if (process === 1) await bus.publish(message('1'));
      await bus.consume(options, ({ attempt }) => (began.push(attempt), new Promise<void>(() => {})));
      await until(() => began.length === process);
      await crash();
    }
    const { bus } = await join();
    await bus.consume(options, async ({ attempt }) => void began.push(attempt));
    await until(async () => (await bus.deadLetters()).length === 1);
    expect(await bus.deadLetters()).toMatchObject([
      { id: '1', attempts: 3, error: expect.stringContaining('none of 3 deliveries was answered') },
    ]);
    expect(began).toEqual([1, 2, 3]);
  });

  it('keeps the message until the dead letters can be written', async () => {
    const { bus } = await join();
    await bus.publish(message('1'));
    const manager = await jetstreamManager(fixtures[0]!.connection);
    await manager.streams.add({ name: 'RIVAL', subjects: ['dead.>'] });
    await bus.consume({ ...options, maxDeliveries: 1 }, () => Promise.reject(new RetryLater('no')));
    await until(() => lines.some(line => line.includes('could not be put to the dead letters')));
    await manager.streams.delete('RIVAL');
    await until(async () => (await bus.deadLetters()).length === 1);
    expect(await bus.deadLetters()).toMatchObject([{ id: '1', attempts: 1, error: 'no' }]);
  });

  it('gives back what was on its way when it stopped: another process has it at once', async () => {
    const [one, other] = [await join(), await join()];
    const counts = new Map<string, number>();
    const handler = async ({ id }: Delivery) => void counts.set(id, (counts.get(id) ?? 0) + 1);
    await other.bus.consume(options, handler);
    let published = 0;
    for (let round = 0; round < 20; round++) {
      const consumer = await one.bus.consume(options, handler);
      const publishing = Array.from({ length: 20 }, () => other.bus.publish(message(String(published++))));
      await Promise.race(publishing);
      await consumer.stop();
      await Promise.all(publishing);
    }
    // The server waits 30 s for an answer: what was lost on the way would come later than this test lasts.
    await until(() => counts.size === published, 15_000);
    expect([...counts.values()].every(count => count === 1)).toBe(true);
  });

  it('does not count deliveries to a consumer that stops over and over', async () => {
    const [one, other] = [await join({ pullMs: 300 }), await join()];
    const consumer = await one.bus.consume(options, async () => {});
    const stopping = consumer.stop();
    await other.bus.publish(message('1'));
    await stopping;
    const attempts: number[] = [];
    await other.bus.consume(options, async ({ attempt }) => void attempts.push(attempt));
    await until(() => attempts.length === 1);
    expect(attempts[0]).toBeLessThanOrEqual(2);
  });

  it('stops while the server is away', async () => {
    const { bus } = await join();
    const { promise: open, resolve: release } = Promise.withResolvers<void>();
    let began = false;
    await bus.consume(options, async () => ((began = true), open));
    await bus.publish(message('1'));
    await until(() => began);
    await server.kill();
    release();
    await bus.close();
  });

  it('refuses messages when the stream is full, and takes them again when there is room', async () => {
    const { bus } = await join({ maxMessages: 1 });
    await bus.publish(message('1'));
    await expect(bus.publish(message('2'))).rejects.toThrow(BusUnavailable);
    await collect(bus);
    await until(publishes(bus, '2'));
  });

  it('names what is wrong with a stream that is there and is another', async () => {
    const { bus } = await join();
    const manager = await jetstreamManager(fixtures[0]!.connection);
    await manager.streams.add({ name: `TEST_${TOPIC}`, subjects: ['elsewhere'] });
    await expect(bus.publish(message('1'))).rejects.toThrow(/the stream TEST_fault of NATS has retention "limits"/);
  });

  describe('with 1,000 messages', () => {
    it('loses none that it took, when the server is killed in the middle', async () => {
      const [one, other, publisher] = [await join(), await join(), await join()];
      const seen = new Set<string>();
      for (const { bus } of [one, other]) await bus.consume({ ...options, concurrency: 64 }, async ({ id }) => void seen.add(id));
      for (let id = 0; id < 1000; id++) {
        if (id === 400) await server.kill();
        if (id === 400) await server.restart();
        await until(publishes(publisher.bus, String(id)));
      }
      await until(() => seen.size === 1000);
    });
  });
});
