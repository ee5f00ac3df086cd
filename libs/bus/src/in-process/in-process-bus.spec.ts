import { describe, expect, it } from '@jest/globals';
import { type ConsumeOptions, type Delivery, BusUnavailable, RetryLater } from '../bus.js';
import { describeBus, ManualClock, until } from '../../testing/index.js';
import { InProcessBus, type InProcessBusOptions } from './in-process-bus.js';

const quiet = { warn: () => {}, error: () => {} };

describeBus('InProcessBus', async topic => new InProcessBus({ log: quiet, subjects: [`${topic}.>`] }));

describe('InProcessBus', () => {
  const options: ConsumeOptions = { durable: 'd', subject: 'a.>', concurrency: 1, backoffMs: [1000, 5000], maxDeliveries: 4 };
  const message = (id: string, subject = 'a.b') => ({ id, subject, data: '{}' });

  const given = (over: Partial<InProcessBusOptions> = {}) => {
    const clock = new ManualClock();
    const lines: string[] = [];
    const log = { warn: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };
    return { clock, lines, bus: new InProcessBus({ log, clock, subjects: ['>'], ...over }) };
  };

  it('takes an id anew after the duplicate window of 2 minutes', async () => {
    const { bus, clock } = given();
    const seen: Delivery[] = [];
    await bus.consume(options, async delivery => void seen.push(delivery));
    await bus.publish(message('1'));
    clock.advance(119_999);
    await bus.publish(message('1'));
    await until(() => seen.length > 0);
    expect(seen).toHaveLength(1);
    clock.advance(1);
    await bus.publish(message('1'));
    await until(() => seen.length === 2);
  });

  it('forgets the oldest ids when there are too many', async () => {
    const { bus } = given({ maxIds: 2 });
    const seen: string[] = [];
    for (const id of ['1', '2', '3', '3', '1']) await bus.publish(message(id));
    await bus.consume(options, async ({ id }) => void seen.push(id));
    await until(() => seen.length === 4);
    expect(seen).toEqual(['1', '2', '3', '1']);
  });

  it('waits for the backoff between deliveries, and the last one repeats', async () => {
    const { bus, clock } = given();
    let attempts = 0;
    await bus.consume(options, () => Promise.reject(new RetryLater(String(++attempts))));
    await bus.publish(message('1'));
    for (const wait of [1000, 5000, 5000]) {
      await until(() => clock.pending.length === 1);
      expect(clock.pending).toEqual([wait]);
      clock.advance(wait);
    }
    await until(async () => (await bus.deadLetters()).length === 1);
    expect(attempts).toBe(4);
    expect(await bus.deadLetters()).toEqual([{ ...message('1'), error: '4', attempts: 4, diedAt: clock.now() }]);
  });

  it('logs an error as a defect unless it is RetryLater', async () => {
    const { bus, clock, lines } = given();
    const errors = [new RetryLater('broker away'), new TypeError('undefined is no function')];
    await bus.consume(options, async () => {
      const error = errors.shift();
      if (error) throw error;
    });
    await bus.publish(message('1'));
    await until(() => clock.pending.length === 1);
    expect(lines).toEqual([]);
    clock.advance(1000);
    await until(() => lines.length === 1);
    expect(lines[0]).toContain('d failed at message 1 of a.b, delivery 2: TypeError: undefined is no function');
  });

  it('takes an error that is thrown rather than rejected the same way', async () => {
    const { bus, clock } = given();
    await bus.consume(options, () => {
      throw new RetryLater('now');
    });
    await bus.publish(message('1'));
    await until(() => clock.pending.length === 1);
    expect(clock.pending).toEqual([1000]);
  });

  it('gives a message back to the durable when its consumer stops within the backoff', async () => {
    const { bus, clock } = given();
    const first = await bus.consume(options, () => Promise.reject(new RetryLater('no')));
    await bus.publish(message('1'));
    await until(() => clock.pending.length === 1);
    await first.stop();
    const seen: number[] = [];
    await bus.consume(options, async ({ attempt }) => void seen.push(attempt));
    clock.advance(1000);
    await until(() => seen.length === 1);
    expect(seen).toEqual([2]);
  });

  it('refuses messages when it is full, and takes them again when there is room', async () => {
    const { bus } = given({ maxMessages: 1 });
    await bus.publish(message('1'));
    await expect(bus.publish(message('2'))).rejects.toThrow(BusUnavailable);
    let handled = 0;
    await bus.consume(options, async () => void handled++);
    await until(() => handled === 1);
    await bus.publish(message('2'));
    await until(() => handled === 2);
  });

  it('keeps a bounded number of dead letters, the newest, and says what it lets go', async () => {
    const { bus, lines } = given({ maxDeadLetters: 2 });
    await bus.consume({ ...options, maxDeliveries: 1 }, ({ id }) => Promise.reject(new RetryLater(`no ${id}`)));
    for (const id of ['1', '2', '3']) await bus.publish(message(id));
    await until(() => lines.length === 4);
    expect((await bus.deadLetters()).map(({ id }) => id)).toEqual(['2', '3']);
    expect(lines.at(-1)).toBe('more than 2 dead letters: message 1 is let go');
  });

  it.each(['', 'a..b', 'a.*', 'a.>', 'a b'])('refuses "%s" as the subject of a message', async subject => {
    await expect(given().bus.publish(message('1', subject))).rejects.toThrow('is no subject of a message');
  });

  it.each(['', 'a..b', '>.a', 'a.b*', 'a b'])('refuses "%s" as the subject of a consumer', async subject => {
    await expect(given().bus.consume({ ...options, subject }, async () => {})).rejects.toThrow('is no pattern of subjects');
  });

  it('is unavailable when it is closed, and leaves no timer', async () => {
    const { bus, clock } = given();
    await bus.consume(options, () => Promise.reject(new RetryLater('no')));
    await bus.publish(message('1'));
    await until(() => clock.pending.length === 1);
    await bus.close();
    expect(clock.pending).toEqual([]);
    await expect(bus.publish(message('2'))).rejects.toThrow(BusUnavailable);
    await expect(bus.consume(options, async () => {})).rejects.toThrow(BusUnavailable);
  });
});
