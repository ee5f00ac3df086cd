/** Starts the command API alone: `npm run start:command-api`. Any number of them may run. */
import 'reflect-metadata';
import { createSealer, loadSecretKey } from '#access';
import {
  addressesOf,
  checkAlone,
  deadLettersCheck,
  eventStoreCheck,
  listenAlone,
  openMessaging,
  openStores,
  projectionChecks,
} from '#engines';
import { authenticatorFor, corsOriginsOf, createLog, plainLog, runProcess, systemClock } from '#service';
import { createCommandApi } from './command-api.module.js';

const NAME = 'command-api';

await runProcess(NAME, async (environment, signal) => {
  checkAlone(environment, ['READ_STORE_URL', 'AMBIENT_SECRET_KEY']);
  const log = createLog(environment.LOG_LEVEL).child({ service: NAME });
  const plain = plainLog(log, NAME);
  const { authenticator } = await authenticatorFor(environment);
  const sealer = createSealer((await loadSecretKey(environment.AMBIENT_DATA_DIR, process.env)).key);
  const addresses = addressesOf(environment);
  const messaging = await openMessaging(addresses.nats, { log: plain, name: NAME, signal });
  const stores = await openStores(addresses, { log: plain, signal });
  const { eventStore, readStore, barrier } = stores;
  const { bus, leases } = messaging;
  const app = await createCommandApi({
    eventStore,
    readStore,
    barrier,
    bus,
    leases,
    authenticator,
    sealer,
    clock: systemClock,
    log,
    corsOrigins: corsOriginsOf(environment),
    readiness: [eventStoreCheck(eventStore), ...projectionChecks(readStore, barrier), deadLettersCheck(bus)],
  });
  await listenAlone(NAME, app, environment.COMMAND_API_PORT, environment.HOST);
  return {
    stop: async () => {
      await app.close();
      await messaging.close();
      await stores.close();
    },
  };
});
