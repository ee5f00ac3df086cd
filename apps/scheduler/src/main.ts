/**
 * Starts the scheduler alone: `npm run start:scheduler`. Any number of them may run: they share out the shards of the clock,
 * one relays the event feed.
 */
import 'reflect-metadata';
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressesOf, checkAlone, deadLettersCheck, eventStoreCheck, listenAlone, openMessaging, relayEvents } from '#engines';
import { openEventStore } from '#event-store';
import { authenticatorFor, createLog, plainLog, runProcess, type Environment } from '#service';
import { startScheduler } from './scheduler.module.js';

const NAME = 'scheduler';

/** The folder of the snapshot, made when it is not there. */
async function folderOf({ SCHEDULER_SNAPSHOT_DIR: folder }: Environment): Promise<string | undefined> {
  if (folder !== undefined) await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

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
    shards: environment.SCHEDULER_SHARDS,
    snapshotFolder: await folderOf(environment),
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
