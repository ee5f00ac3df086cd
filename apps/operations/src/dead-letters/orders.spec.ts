import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Bus } from '#bus';
import { natsFixture, until, type NatsFixture } from '#bus/testing';
import { describeWithEngine } from '#testing';
import { bury } from '../../testing/burial.js';
import { UsageError } from '../command-line.js';
import { carryOut, orderOf } from './orders.js';

describe('an order to deal with dead letters', () => {
  it.each([
    [['list'], { action: 'list' }],
    [['retry', 'x'], { action: 'retry', id: 'x' }],
    [['discard', 'x'], { action: 'discard', id: 'x' }],
    [['discard', '--', '-x'], { action: 'discard', id: '-x' }],
    [['retry', '--all'], { action: 'retry', id: undefined }],
    [['--all', 'discard'], { action: 'discard', id: undefined }],
  ])('is %j', (args, order) => {
    expect(orderOf(args)).toEqual(order);
  });

  it.each([
    [[], 'what is to be done is missing'],
    [['bury'], '"bury" is nothing that can be done'],
    [['list', 'x'], 'list takes nothing more'],
    [['list', '--all'], 'list takes nothing more'],
    [['retry'], 'retry takes either an id or --all'],
    [['discard', 'x', '--all'], 'discard takes either an id or --all'],
    [['retry', 'x', 'y'], 'one id at a time'],
    [['retry', '--every'], "Unknown option '--every'"],
  ])('is refused as %j', (args, reason) => {
    expect(() => orderOf(args)).toThrow(UsageError);
    expect(() => orderOf(args)).toThrow(reason);
  });
});

describeWithEngine('nats', 'orders over a real NATS', url => {
  describe('an operator', () => {
    let nats: NatsFixture;
    let topic: string;
    let bus: Bus;
    beforeAll(async () => void (nats = await natsFixture(url())));
    afterAll(() => nats.close());
    beforeEach(() => {
      topic = `ambient.trigger.requested.${randomUUID()}`;
      bus = nats.bus(topic);
    });
    afterEach(() => bus.close());

    const list = (): Promise<readonly object[]> => carryOut({ action: 'list' }, bus);
    const idsLeft = async (): Promise<string[]> => (await bus.deadLetters()).map(({ id }) => id);

    it('sees nothing when there are none', async () => {
      expect(await list()).toEqual([]);
    });

    it('sees what died, of what, and when', async () => {
      const before = Date.now();
      await bury(bus, topic, ['1', '2']);
      const lines = (await list()) as { died_at: string }[];
      expect(lines).toMatchObject([
        { id: '1', subject: `${topic}.a`, error: 'no one can read 1', attempts: 1, data: '{"n":"1"}', headers: { note: 'ü' } },
        { id: '2' },
      ]);
      for (const { died_at } of lines) expect(Date.parse(died_at)).toBeGreaterThanOrEqual(before);
    });

    it('has one delivered again', async () => {
      const { mend, seen } = await bury(bus, topic, ['1', '2']);
      mend();
      expect(await carryOut({ action: 'retry', id: '1' }, bus)).toEqual([{ retried: 1 }]);
      await until(() => seen.length === 1);
      expect(seen).toEqual(['1']);
      expect(await idsLeft()).toEqual(['2']);
    });

    it('has all delivered again', async () => {
      const { mend, seen } = await bury(bus, topic, ['1', '2']);
      mend();
      expect(await carryOut({ action: 'retry', id: undefined }, bus)).toEqual([{ retried: 2 }]);
      await until(() => seen.length === 2);
      expect(await idsLeft()).toEqual([]);
    });

    it('discards one, or all', async () => {
      await bury(bus, topic, ['1', '2', '3']);
      expect(await carryOut({ action: 'discard', id: '2' }, bus)).toEqual([{ discarded: 1 }]);
      expect(await idsLeft()).toEqual(['1', '3']);
      expect(await carryOut({ action: 'discard', id: undefined }, bus)).toEqual([{ discarded: 2 }]);
      expect(await idsLeft()).toEqual([]);
    });

    it.each(['retry', 'discard'] as const)('is told when there is none to %s', async action => {
      await expect(carryOut({ action, id: 'x' }, bus)).rejects.toThrow('there is no dead letter with the id "x"');
    });
  });
});
