/**
 * Starts the scheduler alone: `npm run start:scheduler`. Any number of them may run: one of them leads and keeps the clock, one relays the
 * event feed.
 */
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressesOf, checkAlone, deadLettersCheck, eventStoreCheck, listenAlone, openMessaging, relayEvents } from '#engines';
import { openEventStore } from '#event-store';
import { authenticatorFor, createLog, plainLog, runProcess } from '#service';
import { startScheduler } from './scheduler.module.js';

const NAME = 'scheduler';

await runProcess(NAME, async (environment, signal) => {
  checkAlone(environment);
  const log = createLog(environment.LOG_LEVEL).child({ service: NAME });
  const plain = plainLog(log, NAME);
  const { authenticator } = await authenticatorFor(environment);
  const addresses = addressesOf(environment);
  const messaging = await openMessaging(addresses.nats, { log: plain, name: NAME, signal });
  const eventStore = await openEventStore(addresses.eventStore);
  const relaying = new AbortController();
  const relay = relayEvents(eventStore, messaging, plain, relaying.signal);
  const { bus, leases } = messaging;
  const scheduler = await startScheduler({
    eventStore,
    bus,
    leases,
    authenticator,
    log,
    readiness: [eventStoreCheck(eventStore), deadLettersCheck(bus), relay.check],
    clock: { now: () => Date.now(), sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined) },
  });
  await listenAlone(NAME, scheduler.app, environment.SCHEDULER_PORT, environment.HOST);
  return {
    stop: async () => {
      relaying.abort();
      await Promise.all([relay.done, scheduler.stop(), scheduler.app.close()]);
      await messaging.close();
      await eventStore.close();
    },
  };
});
