/** Starts the query API alone: `npm run start:query-api`. Any number of them may run; one of them leads and keeps the read models. */
import 'reflect-metadata';
import { createSealer, loadSecretKey } from '#access';
import { asyncApiDocument, openApiDocument } from '#contracts';
import {
  addressesOf,
  checkAlone,
  eventStoreCheck,
  listenAlone,
  openMessaging,
  openStores,
  project,
  projectionChecks,
} from '#engines';
import { authenticatorFor, corsOriginsOf, createLog, plainLog, runProcess, systemClock, VERSION } from '#service';
import { createQueryApi } from './query-api.module.js';

const NAME = 'query-api';

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
  const leading = new AbortController();
  const projecting = project(addresses, barrier, messaging.leases, plain, leading.signal);
  const app = await createQueryApi({
    eventStore,
    readStore,
    barrier,
    authenticator,
    sealer,
    clock: systemClock,
    auditRetentionDays: environment.AUDIT_RETENTION_DAYS,
    log,
    corsOrigins: corsOriginsOf(environment),
    readiness: [eventStoreCheck(eventStore), ...projectionChecks(readStore, barrier)],
    version: VERSION,
    openapi: openApiDocument(VERSION),
    asyncapi: asyncApiDocument(VERSION),
  });
  await listenAlone(NAME, app, environment.QUERY_API_PORT, environment.HOST);
  return {
    stop: async () => {
      leading.abort();
      await Promise.all([projecting, app.close()]);
      await messaging.close();
      await stores.close();
    },
  };
});
