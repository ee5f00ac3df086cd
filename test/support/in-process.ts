/** The command API of this process, over files in a folder: what arrives, how often and at what time is the test's to say. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { createAuthenticator, createSealer, loadSecretKey } from '#access';
import type { Bus } from '#bus';
import { openMessaging, openStores } from '#engines';
import type { EventStore } from '#event-store';
import { Projector, type ReadBarrier } from '#projections';
import type { ReadStore } from '#read-store';
import { createLog, systemClock, type Clock } from '#service';
import { createCommandApi } from '../../apps/command-api/src/command-api.module.js';
import { addressesFor } from './engines.js';
import { Client } from './http.js';
import { TOKEN } from './system.js';

export interface InProcess {
  readonly app: NestFastifyApplication;
  readonly api: Client;
  readonly bus: Bus;
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly barrier: ReadBarrier;
  close(): Promise<void>;
}

/** Starts a command API with its projections; the files are those that a system would use in that folder. */
export async function startInProcess(dataDir: string, clock: Clock = systemClock): Promise<InProcess> {
  const addresses = await addressesFor(dataDir);
  const stores = await openStores(addresses, { log: console });
  const { eventStore: events, readStore: reads, barrier } = stores;
  const stopping = new AbortController();
  const projecting = new Projector(events, reads.live, {
    poison: 'stop',
    onProgress: position => barrier.progress(position),
  }).run(stopping.signal);
  const messaging = await openMessaging(addresses.nats, { log: console, name: 'test' });
  const { bus } = messaging;
  const admin = { token: TOKEN, principal: { id: 'admin', kind: 'user', roles: ['platform:admin'] } } as const;
  const app = await createCommandApi({
    eventStore: events,
    readStore: reads,
    barrier,
    bus,
    authenticator: createAuthenticator({ staticTokens: [admin], trustForwardedToken: false, now: Date.now }),
    sealer: createSealer((await loadSecretKey(dataDir, {})).key),
    clock,
    log: createLog('error'),
    readiness: [],
  });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    app,
    api: new Client(`http://127.0.0.1:${port}`, TOKEN),
    bus,
    events,
    reads,
    barrier,
    close: async () => {
      await app.close();
      await messaging.close();
      stopping.abort();
      await projecting;
      await stores.close();
    },
  };
}
