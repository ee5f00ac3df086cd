import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, type INestMicroservice, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { defer, EMPTY, type Observable, timer } from 'rxjs';
import { mergeMap } from 'rxjs/operators';
import { ManualClock, until } from '../../testing/index.js';
import { RetryLater } from '../bus.js';
import { InProcessBus } from '../in-process/in-process-bus.js';
import { BusContext } from './bus-context.js';
import { BusErrorFilter } from './bus-error-filter.js';
import { BusTransport } from './bus-transport.js';

const PATTERN = 'ambient.trigger.requested.*.*';
const SUBJECT = 'ambient.trigger.requested.acme.2AbC';

/** What the handler under test does with a delivery; each test sets its own. */
let act: (data: unknown, context: BusContext) => unknown;

@Controller()
class Handlers {
  @EventPattern<unknown>(PATTERN)
  requested(@Payload() data: unknown, @Ctx() context: BusContext): unknown {
    return act(data, context);
  }
}

describe('BusTransport', () => {
  let bus: InProcessBus;
  let clock: ManualClock;
  let errors: string[];
  let app: INestMicroservice;

  const start = async (controller: Type = Handlers, filters = [new BusErrorFilter()]): Promise<void> => {
    @Module({ controllers: [controller] })
    class App {}
    const strategy = new BusTransport(bus, { durable: 'command-api', concurrency: 2, backoffMs: [1000], maxDeliveries: 2 });
    app = await NestFactory.createMicroservice(App, { strategy, logger: false });
    app.useGlobalFilters(...filters);
    await app.listen();
  };
  const publish = (data: string, subject = SUBJECT) => bus.publish({ subject, id: '1', data, headers: { 'ce-id': '1' } });
  const letter = async () => {
    await until(async () => (await bus.deadLetters()).length === 1);
    return (await bus.deadLetters())[0];
  };
  /** Lets the second delivery happen, and no third can be. */
  const redeliver = async (): Promise<void> => {
    await until(() => clock.pending.length === 1);
    clock.advance(1000);
  };

  beforeEach(() => {
    clock = new ManualClock();
    errors = [];
    bus = new InProcessBus({ clock, subjects: ['>'], log: { warn: () => {}, error: line => errors.push(line) } });
  });
  afterEach(async () => {
    await app.close();
    await bus.close();
  });

  it('gives a handler the parsed data and the context', async () => {
    const seen: unknown[] = [];
    act = (data, { subject, id, attempt, headers }) => void seen.push({ data, subject, id, attempt, headers });
    await start();
    await publish('{"trigger":"schedule"}');
    await until(() => seen.length === 1);
    expect(seen).toEqual([{ data: { trigger: 'schedule' }, subject: SUBJECT, id: '1', attempt: 1, headers: { 'ce-id': '1' } }]);
  });

  const failures: [string, () => unknown][] = [
    ['throws', () => { throw new Error('store away'); }],
    ['rejects', async () => { throw new Error('store away'); }],
    ['throws an RpcException', () => { throw new RpcException('store away'); }],
    ['answers an Observable that fails later', () => timer(1).pipe(mergeMap(() => defer(() => { throw new Error('store away'); })))],
  ]; // prettier-ignore
  it.each(failures)('has the message delivered again when a handler %s', async (_, fail) => {
    const attempts: number[] = [];
    act = (_data, { attempt }) => {
      attempts.push(attempt);
      if (attempt === 1) return fail();
      return undefined;
    };
    await start();
    await publish('{}');
    await redeliver();
    await until(() => attempts.length === 2);
    expect(attempts).toEqual([1, 2]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('store away');
  });

  it('leaves the true error with the dead letter', async () => {
    act = () => Promise.reject(new RetryLater('store away'));
    await start();
    await publish('{}');
    await redeliver();
    expect(await letter()).toMatchObject({ error: 'store away', attempts: 2 });
    expect(errors).toHaveLength(1);
  });

  it('has the message delivered again without the filter too, though Nest hides the error', async () => {
    act = () => Promise.reject(new RetryLater('store away'));
    await start(Handlers, []);
    await publish('{}');
    await redeliver();
    expect(await letter()).toMatchObject({ error: 'Internal server error', attempts: 2 });
  });

  it('acknowledges when an Observable has ended, also an empty one', async () => {
    const answers: Observable<unknown>[] = [EMPTY, timer(1)];
    let calls = 0;
    act = () => answers[calls++];
    await start();
    await publish('{}');
    await bus.publish({ subject: SUBJECT, id: '2', data: '{}' });
    await until(() => calls === 2);
    await app.close();
    expect(clock.pending).toEqual([]);
    expect(await bus.deadLetters()).toEqual([]);
  });

  it('puts data that is not JSON to the dead letters at once, and calls no handler', async () => {
    let calls = 0;
    act = () => void calls++;
    await start();
    await publish('{"trigger":');
    expect(await letter()).toMatchObject({
      attempts: 1,
      error: expect.stringContaining(`the data of message 1 of ${SUBJECT} is not JSON: Unexpected end of JSON input`),
    });
    expect(calls).toBe(0);
  });

  it('waits for the handlers that run when it is closed, and takes no more', async () => {
    const { promise: open, resolve: release } = Promise.withResolvers<void>();
    const began: string[] = [];
    let ended = false;
    act = async (_data, { id }) => {
      began.push(id);
      await open;
      ended = true;
    };
    await start();
    await publish('{}');
    await until(() => began.length === 1);
    const closing = app.close();
    await bus.publish({ subject: SUBJECT, id: '2', data: '{}' });
    await new Promise(setImmediate);
    release();
    await closing;
    expect(ended).toBe(true);
    expect(began).toEqual(['1']);
  });

  it('lets a handler change the options for itself', async () => {
    @Controller()
    class Once {
      @EventPattern<unknown>('once.*', { maxDeliveries: 1 })
      once(): Promise<void> {
        return Promise.reject(new RetryLater('no'));
      }
    }
    await start(Once);
    await publish('{}', 'once.a');
    expect(await letter()).toMatchObject({ error: 'no', attempts: 1 });
  });

  it('calls every handler of a pattern, and one that fails has the message delivered again', async () => {
    const calls: string[] = [];
    @Controller()
    class Two {
      @EventPattern<unknown>('two.*')
      good(): void {
        calls.push('good');
      }
      @EventPattern<unknown>('two.*')
      bad(@Ctx() { attempt }: BusContext): void {
        calls.push('bad');
        if (attempt === 1) throw new RetryLater('no');
      }
    }
    await start(Two);
    await publish('{}', 'two.a');
    await redeliver();
    await until(() => calls.length === 4);
    expect(calls.toSorted()).toEqual(['bad', 'bad', 'good', 'good']);
  });

  it('does not start with a handler that wants to answer', async () => {
    @Controller()
    class Asked {
      @MessagePattern('ask')
      ask(): string {
        return 'no';
      }
    }
    await expect(start(Asked)).rejects.toThrow('use @EventPattern');
  });
});
