import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  type Bus,
  BusUnavailable,
  type ConsumeOptions,
  type DeadLetter,
  type Delivery,
  InvalidMessage,
  MAX_MESSAGE_BYTES,
  type Message,
  PoisonMessage,
  RetryLater,
} from '../src/bus.js';
import { discardDeadLetters, retryDeadLetters } from '../src/dead-letters.js';
import { until } from './until.js';

/** The contract of {@link Bus}. `open` makes an empty bus that carries the subjects below `topic`; the suite closes what it opened. */
export function describeBus(name: string, open: (topic: string) => Promise<Bus>): void {
  describe(`${name} is a Bus`, () => {
    let bus: Bus;
    let topic: string;

    beforeEach(async () => {
      topic = `ambient.trigger.requested.${randomUUID()}`;
      bus = await open(topic);
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
    /** Publishes, and has each message become a dead letter in turn. @returns the consumer's switch: from then on it takes all */
    const bury = async (...messages: Message[]): Promise<{ mend: () => void; seen: Delivery[] }> => {
      const seen: Delivery[] = [];
      let broken = true;
      await bus.consume(options(), async delivery => {
        if (broken) throw new PoisonMessage(`no ${delivery.id}`);
        seen.push(delivery);
      });
      for (const message of messages) {
        await bus.publish(message);
        await until(async () => (await dead(message.id)) !== undefined);
      }
      return { mend: () => void (broken = false), seen };
    };
    const ids = (letters: readonly DeadLetter[]): string[] => letters.map(({ id }) => id);
    const text = (bytes: number): string => 'x'.repeat(bytes);

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
      const other = collect({ durable: `other-${topic.slice(-12)}`, subject: `${topic}.>` });
      await expect(other).rejects.toThrow(InvalidMessage);
      await expect(other).rejects.toThrow('overlaps');
    });

    it('refuses a second subject for a durable', async () => {
      await collect({ subject: `${topic}.a` });
      const second = collect({ subject: `${topic}.b` });
      await expect(second).rejects.toThrow(InvalidMessage);
      await expect(second).rejects.toThrow('it has one subject');
    });

    it('takes a durable whose subject is all that the bus carries', async () => {
      const first = await collect({ subject: `${topic}.>` });
      const second = await collect({ subject: `${topic}.>` });
      await bus.publish(message('a.b'));
      await until(() => first.length + second.length === 1);
    });

    it.each([
      ['an id of blanks and signs', { id: ' a: "b" %41 ü 日本 🙂\u00A0' }],
      ['the longest id', { id: 'ü'.repeat(256) }],
      ['a header of several lines', { headers: { note: 'one\r\ntwo\n\u0000\u007F' } }],
      ['a header of all alphabets', { headers: { note: 'Grüße, 日本 🙂' } }],
      ['a header with blanks around it', { headers: { note: '  a b  ' } }],
      ['a header that looks encoded', { headers: { note: '100% of %41 and %zz' } }],
      ['an empty header', { headers: { note: '' } }],
      ['header names that differ in case alone', { headers: { note: '1', NOTE: '2', "!#$%&'*+-.^_`|~": '3' } }],
      ['empty data', { data: '' }],
      ['data of all alphabets', { data: '\uFEFF"Grüße,\r\n\u0000日本 🙂"' }],
    ] satisfies [string, Partial<Message>][])('carries %s as it is, also to the dead letters and back', async (_, over) => {
      const sent = message('a', over);
      const { mend, seen } = await bury(sent);
      expect(await bus.deadLetters()).toEqual([{ ...sent, error: `no ${sent.id}`, attempts: 1, diedAt: expect.any(Number) }]);
      mend();
      expect(await bus.retryDeadLetter(sent.id)).toBe(true);
      await until(() => seen.length === 1);
      expect(seen).toEqual([{ ...sent, attempt: 1 }]);
    });

    it('leaves out headers that are none', async () => {
      const seen = await collect();
      await bus.publish(message('a', { headers: {} }));
      await until(() => seen.length === 1);
      expect(seen[0]).not.toHaveProperty('headers');
    });

    it('carries a subject of all alphabets', async () => {
      const seen = await collect();
      await bus.publish(message('größe-日本-🙂:/$'));
      await until(() => seen.length === 1);
      expect(tails(seen)).toEqual(['größe-日本-🙂:/$']);
    });

    it('carries a message of the most bytes, also to the dead letters and back', async () => {
      const small = message('a', { data: '', id: '1' });
      const sent = { ...small, data: text(MAX_MESSAGE_BYTES - small.subject.length - 1) };
      const { mend, seen } = await bury(sent);
      mend();
      await bus.retryDeadLetter('1');
      await until(() => seen.length === 1);
      expect(seen[0]?.data).toHaveLength(sent.data.length);
    });

    it.each([
      ['more than the most bytes', { data: text(MAX_MESSAGE_BYTES) }],
      ['more than the most bytes, for its headers', { headers: { note: 'ü'.repeat(MAX_MESSAGE_BYTES / 6) } }],
      ['an empty id', { id: '' }],
      ['an id with a control character', { id: 'a\nb' }],
      ['an id with half a surrogate pair', { id: '\uD800' }],
      ['an id that is too long', { id: text(257) }],
      ['data with half a surrogate pair', { data: '"\uD800"' }],
      ['a header with half a surrogate pair', { headers: { note: '\uDC00' } }],
      ['a header name that is empty', { headers: { '': 'a' } }],
      ['a header name with a colon', { headers: { 'a:b': 'a' } }],
      ['a header name with a blank', { headers: { 'a b': 'a' } }],
      ['a header name that is not ASCII', { headers: { größe: 'a' } }],
      ['a header name that is the broker’s', { headers: { 'nats-Msg-Id': 'a' } }],
      ['a header name that is the bus’s', { headers: { 'Ambient-Message-Id': 'a' } }],
    ] satisfies [string, Partial<Message>][])('refuses a message with %s', async (_, over) => {
      await expect(bus.publish(message('a', over))).rejects.toThrow(InvalidMessage);
    });

    it.each(['', '.a', 'a..b', 'a.*', '>', 'a b', 'a\u00A0b', 'a\nb', 'a\u0000b', 'a\uD800', text(1024)])(
      'refuses %j as the end of a subject of a message',
      async tail => {
        await expect(bus.publish(message(tail))).rejects.toThrow(InvalidMessage);
      },
    );

    it.each(['', 'a..b', 'a.>.b', 'a*', 'a b'])('refuses %j as the end of a subject of a consumer', async tail => {
      await expect(collect({ subject: `${topic}.${tail}` })).rejects.toThrow(InvalidMessage);
    });

    it('refuses subjects that it does not carry', async () => {
      await expect(bus.publish({ ...message('a'), subject: 'elsewhere.a' })).rejects.toThrow('no subject of this bus');
      await expect(collect({ subject: 'elsewhere.>' })).rejects.toThrow('no subject of this bus');
      await expect(collect({ subject: '>' })).rejects.toThrow('no subject of this bus');
    });

    it.each(['', 'a.b', 'a b', '*', 'ü', text(65)])('refuses %j as a durable', async durable => {
      await expect(collect({ durable })).rejects.toThrow('no name of a durable');
    });

    it.each([{ concurrency: 0 }, { maxDeliveries: 0 }, { concurrency: 1.5 }, { backoffMs: [-1] }])('refuses %j', async over => {
      await expect(collect(over)).rejects.toThrow(InvalidMessage);
    });

    it('delivers at once again when there is no backoff', async () => {
      const attempts: number[] = [];
      await bus.consume(options({ backoffMs: [] }), async ({ attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new RetryLater('not yet');
      });
      await bus.publish(message('a'));
      await until(() => attempts.length === 3);
    });

    it('shortens a long error', async () => {
      await bus.consume(options(), () => Promise.reject(new PoisonMessage(`${text(1999)}🙂${text(1000)}`)));
      const sent = message('a');
      await bus.publish(sent);
      await until(async () => (await dead(sent.id)) !== undefined);
      expect((await dead(sent.id))?.error).toBe(`${text(1999)}\uFFFD`);
    });

    it('lists dead letters oldest first', async () => {
      expect(await bus.deadLetters()).toEqual([]);
      await bury(...['3', '1', '2'].map(id => message('a', { id })));
      expect(ids(await bus.deadLetters())).toEqual(['3', '1', '2']);
    });

    it('retries one dead letter, from attempt 1 and within the duplicate window, and leaves the others', async () => {
      const [one, two] = [message('a', { headers: { note: 'x' } }), message('b')];
      const { mend, seen } = await bury(one, two);
      mend();
      expect(await bus.retryDeadLetter(one.id)).toBe(true);
      await until(() => seen.length === 1);
      expect(seen).toEqual([{ ...one, attempt: 1 }]);
      expect(ids(await bus.deadLetters())).toEqual([two.id]);
      expect(await bus.retryDeadLetter(one.id)).toBe(false);
    });

    it('has a message that fails again as one dead letter, and retries it as often as asked', async () => {
      const sent = message('a');
      const { mend, seen } = await bury(sent);
      for (const _ of [1, 2]) {
        expect(await bus.retryDeadLetter(sent.id)).toBe(true);
        await until(async () => (await dead(sent.id)) !== undefined);
        expect(await bus.deadLetters()).toHaveLength(1);
      }
      mend();
      await bus.retryDeadLetter(sent.id);
      await until(() => seen.length === 1);
      expect(seen[0]).toEqual({ ...sent, attempt: 1 });
      expect(await bus.deadLetters()).toEqual([]);
    });

    it('discards one dead letter', async () => {
      await bury(message('a', { id: '1' }), message('b', { id: '2' }));
      expect(await bus.discardDeadLetter('1')).toBe(true);
      expect(await bus.discardDeadLetter('1')).toBe(false);
      expect(ids(await bus.deadLetters())).toEqual(['2']);
    });

    it('retries and discards all dead letters', async () => {
      const { mend, seen } = await bury(message('a', { id: '1' }), message('b', { id: '2' }));
      await retryDeadLetters(bus);
      await until(async () => (await bus.deadLetters()).length === 2);
      mend();
      expect(await retryDeadLetters(bus)).toBe(2);
      await until(() => seen.length === 2);
      expect(await discardDeadLetters(bus)).toBe(0);
    });

    it('discards all dead letters', async () => {
      await bury(message('a', { id: '1' }), message('b', { id: '2' }));
      expect(await discardDeadLetters(bus)).toBe(2);
      expect(await bus.deadLetters()).toEqual([]);
    });

    it('is unavailable when it is closed', async () => {
      await bus.close();
      const uses = [
        () => bus.publish(message('a')),
        () => collect(),
        () => bus.deadLetters(),
        () => bus.retryDeadLetter('1'),
        () => bus.discardDeadLetter('1'),
      ];
      for (const use of uses) await expect(use()).rejects.toThrow(BusUnavailable);
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
