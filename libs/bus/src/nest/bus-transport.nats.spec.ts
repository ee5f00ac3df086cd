import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { describeWithEngine } from '#testing';
import { natsFixture, until, type NatsFixture } from '../../testing/index.js';
import { RetryLater, type Bus } from '../bus.js';
import { BusContext } from './bus-context.js';
import { BusErrorFilter } from './bus-error-filter.js';
import { BusTransport } from './bus-transport.js';

const TOPIC = 'nest';

/** What the handler under test does with a delivery; each test sets its own. */
let act: (data: unknown, context: BusContext) => unknown;

@Controller()
class Handlers {
  @EventPattern<unknown>(`${TOPIC}.*.*`)
  requested(@Payload() data: unknown, @Ctx() context: BusContext): unknown {
    return act(data, context);
  }

  @EventPattern<unknown>(`${TOPIC}.other`, { durable: 'other' })
  other(@Payload() data: unknown, @Ctx() context: BusContext): unknown {
    return act(data, context);
  }
}

describeWithEngine('nats', 'with a real NATS', url => {
  describe('BusTransport', () => {
    let nats: NatsFixture;
    let bus: Bus;
    let app: INestMicroservice;

    beforeAll(async () => void (nats = await natsFixture(url())));
    afterAll(() => nats.close());
    beforeEach(() => void (bus = nats.bus(TOPIC)));
    afterEach(async () => {
      await app.close();
      await bus.close();
    });

    const start = async (): Promise<void> => {
      @Module({ controllers: [Handlers] })
      class App {}
      const strategy = new BusTransport(bus, { durable: 'command-api', concurrency: 64, backoffMs: [10], maxDeliveries: 2 });
      app = await NestFactory.createMicroservice(App, { strategy, logger: false });
      app.useGlobalFilters(new BusErrorFilter());
      await app.listen();
    };
    const publish = (id: string, data = '{}') =>
      bus.publish({ subject: `${TOPIC}.acme.2AbC`, id, data, headers: { 'ce-id': id } });

    it('gives a handler the parsed data and the context', async () => {
      const seen: unknown[] = [];
      act = (data, { subject, id, attempt, headers }) => void seen.push({ data, subject, id, attempt, headers });
      await start();
      await publish('1', '{"trigger":"schedule"}');
      await until(() => seen.length === 1);
      expect(seen).toEqual([
        { data: { trigger: 'schedule' }, subject: `${TOPIC}.acme.2AbC`, id: '1', attempt: 1, headers: { 'ce-id': '1' } },
      ]);
    });

    it('serves several patterns, each with its durable', async () => {
      const seen: string[] = [];
      act = (_, { subject }) => void seen.push(subject);
      await start();
      await bus.publish({ subject: `${TOPIC}.other`, id: 'other', data: '{}' });
      await until(() => seen.length === 1);
      expect(seen).toEqual([`${TOPIC}.other`]);
    });

    it('has a message delivered again when its handler fails, and leaves the true error with the dead letter', async () => {
      const attempts: number[] = [];
      act = (_, { attempt }) => {
        attempts.push(attempt);
        return Promise.reject(new RetryLater('store away'));
      };
      await start();
      await publish('2');
      await until(async () => (await bus.deadLetters()).length === 1);
      expect(attempts).toEqual([1, 2]);
      expect(await bus.deadLetters()).toMatchObject([{ id: '2', error: 'store away', attempts: 2 }]);
      await bus.discardDeadLetter('2');
    });

    it('puts data that is not JSON to the dead letters at once', async () => {
      act = () => Promise.reject(new Error('not to be called'));
      await start();
      await publish('3', '{"trigger":');
      await until(async () => (await bus.deadLetters()).length === 1);
      expect(await bus.deadLetters()).toMatchObject([{ id: '3', attempts: 1, error: expect.stringContaining('is not JSON') }]);
      await bus.discardDeadLetter('3');
    });

    it('waits for the handlers that run when it is closed, and leaves the rest to the next start', async () => {
      const { promise: open, resolve: release } = Promise.withResolvers<void>();
      const [began, ended]: string[][] = [[], []];
      act = async (_, { id }) => {
        began!.push(id);
        await open;
        ended!.push(id);
      };
      await start();
      await publish('4');
      await until(() => began!.length === 1);
      const closing = app.close();
      await publish('5');
      release();
      await closing;
      expect(ended).toEqual(began);
      await start();
      await until(() => ended!.includes('5'));
      expect(ended).toEqual(['4', '5']);
    });
  });
});
