import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Bus, type ConsumeOptions, type Delivery, type Message, PoisonMessage, RetryLater } from '../src/bus.js';
import { until } from './until.js';

/** The contract of {@link Bus}. `open` connects to the same broker each time; the suite closes what it opened. */
export function describeBus(name: string, open: () => Promise<Bus>): void {
  describe(`${name} is a Bus`, () => {
    let bus: Bus;
    let topic: string;

    beforeEach(async () => {
      bus = await open();
      topic = `ambient.trigger.requested.${randomUUID()}`;
    });
    afterEach(() => bus.close());

    const message = (tail: string, over: Partial<Message> = {}): Message => ({
      subject: `${topic}.${tail}`,
      id: randomUUID(),
      data: JSON.stringify({ tail }),
      ...over,
    });
    const options = (over: Partial<ConsumeOptions> = {}): ConsumeOptions => ({
      durable: `durable-${topic.slice(-12)}`,
      subject: `${topic}.*`,
      concurrency: 1,
      backoffMs: [10],
      maxDeliveries: 3,
      ...over,
    });
    /** Consumes, and collects what it got. */
    const collect = async (over?: Partial<ConsumeOptions>): Promise<Delivery[]> => {
      const seen: Delivery[] = [];
      await bus.consume(options(over), async delivery => void seen.push(delivery));
      return seen;
    };
    const tails = (deliveries: readonly Delivery[]): string[] => deliveries.map(({ subject }) => subject.slice(topic.length + 1));
    const dead = async (id: string) => (await bus.deadLetters()).find(letter => letter.id === id);

    it('delivers a message whole, the first time as attempt 1', async () => {
      const seen = await collect();
      const sent = message('a', { headers: { 'ce-type': 'ambient.trigger.requested.v1' } });
      await bus.publish(sent);
      await until(() => seen.length === 1);
      expect(seen[0]).toMatchObject({ ...sent, attempt: 1 });
    });

    it('keeps what was published before there was a consumer, in order', async () => {
      for (const tail of ['a', 'b', 'c']) await bus.publish(message(tail));
      const seen = await collect();
      await until(() => seen.length === 3);
      expect(tails(seen)).toEqual(['a', 'b', 'c']);
    });

    it('keeps a message once within the duplicate window, also when it was handled meanwhile', async () => {
      const seen = await collect();
      const once = message('a');
      await bus.publish(once);
      await bus.publish(once);
      await until(() => seen.length > 0);
      await bus.publish(once);
      await bus.publish(message('end'));
      await until(() => tails(seen).includes('end'));
      expect(tails(seen)).toEqual(['a', 'end']);
    });

    it('matches * to one part and a final > to the rest', async () => {
      const one = await collect({ durable: `one-${topic.slice(-12)}`, subject: `${topic}.x.*` });
      const rest = await collect({ durable: `rest-${topic.slice(-12)}`, subject: `${topic}.y.>` });
      for (const tail of ['x.1', 'y.1', 'y.1.2', 'x.2']) await bus.publish(message(tail));
      await until(() => one.length + rest.length >= 4);
      expect(tails(one)).toEqual(['x.1', 'x.2']);
      expect(tails(rest)).toEqual(['y.1', 'y.1.2']);
    });

    it('shares the work among the consumers of one durable', async () => {
      const handled: string[] = [];
      const { promise: open, resolve: release } = Promise.withResolvers<void>();
      const consume = (who: string) => bus.consume(options(), async () => (handled.push(who), await open));
      await consume('first');
      await consume('second');
      await bus.publish(message('a'));
      await bus.publish(message('b'));
      await until(() => handled.length === 2);
      expect(handled.toSorted()).toEqual(['first', 'second']);
      release();
    });

    it('handles as many at a time as the concurrency says', async () => {
      let now = 0;
      let most = 0;
      let done = 0;
      await bus.consume(options({ concurrency: 2 }), async () => {
        most = Math.max(most, ++now);
        await until(() => now === 2 || done >= 4);
        await new Promise(setImmediate);
        now--;
        done++;
      });
      for (const tail of ['a', 'b', 'c', 'd', 'e', 'f']) await bus.publish(message(tail));
      await until(() => done === 6);
      expect(most).toBe(2);
    });

    it('delivers a rejected message again, counting', async () => {
      const attempts: number[] = [];
      await bus.consume(options(), async ({ attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new RetryLater('not yet');
      });
      const sent = message('a');
      await bus.publish(sent);
      await until(() => attempts.length === 3);
      expect(attempts).toEqual([1, 2, 3]);
      expect(await dead(sent.id)).toBeUndefined();
    });

    it('puts a message to the dead letters after maxDeliveries, with the last error, and goes on', async () => {
      const attempts: number[] = [];
      let others = 0;
      await bus.consume(options(), async ({ subject, attempt }) => {
        if (subject.endsWith('.good')) return void others++;
        attempts.push(attempt);
        throw new RetryLater(`no at ${attempt}`);
      });
      const sent = message('bad');
      await bus.publish(sent);
      await bus.publish(message('good'));
      await until(async () => (await dead(sent.id)) !== undefined);
      expect(await dead(sent.id)).toMatchObject({ ...sent, error: 'no at 3', attempts: 3, diedAt: expect.any(Number) });
      expect(attempts).toEqual([1, 2, 3]);
      await until(() => others === 1);
    });

    it('puts a poison message to the dead letters at once', async () => {
      const sent = message('a');
      await bus.consume(options(), () => Promise.reject(new PoisonMessage('never')));
      await bus.publish(sent);
      await until(async () => (await dead(sent.id)) !== undefined);
      expect(await dead(sent.id)).toMatchObject({ error: 'never', attempts: 1 });
    });

    it('does not deliver a message again while it is in handling', async () => {
      const { promise: open, resolve: release } = Promise.withResolvers<void>();
      const slow: number[] = [];
      const quick: number[] = [];
      await bus.consume(options({ concurrency: 4 }), async ({ subject, attempt }) => {
        if (subject.endsWith('.slow')) return (slow.push(attempt), open);
        quick.push(attempt);
        if (attempt < 3) throw new RetryLater('again');
      });
      await bus.publish(message('slow'));
      await bus.publish(message('quick'));
      await until(() => slow.length > 0 && quick.length === 3);
      expect(slow).toEqual([1]);
      release();
    });

    it('lets the handling finish when it is stopped, takes no more, and leaves the rest to the next', async () => {
      const { promise: open, resolve: release } = Promise.withResolvers<void>();
      const began: string[] = [];
      let ended = 0;
      const consumer = await bus.consume(options(), async ({ subject }) => {
        began.push(subject);
        await open;
        ended++;
      });
      await bus.publish(message('a'));
      await bus.publish(message('b'));
      await until(() => began.length === 1);

      let stopped = false;
      const stopping = consumer.stop().then(() => (stopped = true));
      await new Promise(setImmediate);
      expect(stopped).toBe(false);
      release();
      await stopping;
      expect(ended).toBe(1);

      const next = await collect();
      await until(() => next.length === 1);
      expect(tails(next)).toEqual(['b']);
      expect(began).toHaveLength(1);
    });

    it('refuses a durable whose subject overlaps that of another', async () => {
      await collect();
      await expect(collect({ durable: `other-${topic.slice(-12)}`, subject: `${topic}.>` })).rejects.toThrow(
        /overlap|not unique/,
      );
    });

    it('waits for the handling when it is closed', async () => {
      let ended = false;
      const { promise: began, resolve: begin } = Promise.withResolvers<void>();
      await bus.consume(options(), async () => {
        begin();
        await new Promise(setImmediate);
        ended = true;
      });
      await bus.publish(message('a'));
      await began;
      await bus.close();
      expect(ended).toBe(true);
    });
  });
}
