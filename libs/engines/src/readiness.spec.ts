import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { InProcessBus, PoisonMessage } from '#bus';
import { until } from '#bus/testing';
import { parkedEvents, Projector } from '#projections';
import { deadLettersCheck, eventStoreCheck, openStores, projectionChecks, type Stores } from './index.js';

const quiet = { warn: () => {}, error: () => {} };

describe('a dead letter', () => {
  it('makes a service not ready until it is dealt with', async () => {
    const bus = new InProcessBus({ log: quiet });
    const check = deadLettersCheck(bus);
    expect(await check.check()).toBeUndefined();
    const subject = 'ambient.trigger.requested.acme.x';
    const options = { durable: 'd', subject, concurrency: 1, backoffMs: [1], maxDeliveries: 1 };
    await bus.consume(options, () => Promise.reject(new PoisonMessage('no one can read this')));
    await bus.publish({ subject, id: 'm', data: '{}' });
    await until(async () => (await bus.deadLetters()).length > 0);
    expect(await check.check()).toBe('1 messages could not be handled');
    await bus.discardDeadLetter('m');
    expect(await check.check()).toBeUndefined();
    await bus.close();
  });
});

describe('the stores', () => {
  let folder: string;
  let stores: Stores;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ready-'));
    const addresses = {
      eventStore: { path: join(folder, 'events.db') },
      readStore: { path: join(folder, 'read-models.db') },
      nats: undefined,
    };
    stores = await openStores(addresses, { log: quiet });
  });
  afterEach(async () => {
    await stores.close();
    await rm(folder, { recursive: true });
  });

  const complaints = async () => {
    const checks = [eventStoreCheck(stores.eventStore), ...projectionChecks(stores.readStore, stores.barrier)];
    const all = await Promise.all(checks.map(async check => [check.name, await check.check()] as const));
    return Object.fromEntries(all.filter(([, complaint]) => complaint !== undefined));
  };
  const catchUp = () => new Projector(stores.eventStore, stores.readStore.live, { poison: 'park' }).catchUp();

  it('are ready when the read models hold the log', async () => {
    expect(await complaints()).toEqual({});
  });

  it('say how far the read models are behind, and that an event is parked', async () => {
    const event = { id: randomUUID(), type: 'AgentUpdated', data: '{"name":1}', metadata: '{}' };
    await stores.eventStore.append([{ stream: 'agent-x', expected: 'none', events: [event] }]);
    expect(await complaints()).toEqual({ projections: 'the read models are 1 events behind' });
    await catchUp();
    expect(await complaints()).toEqual({ [parkedEvents.name]: '1 events are parked' });
  });
});
