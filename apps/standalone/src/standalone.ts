/** All four services and the local runtime in one process, on the embedded engines unless the environment names others. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createSealer, loadSecretKey } from '#access';
import { asyncApiDocument, openApiDocument } from '#contracts';
import {
  addressesOf,
  deadLettersCheck,
  eventStoreCheck,
  openMessaging,
  openStores,
  project,
  projectionChecks,
  relayEvents,
} from '#engines';
import { Journal, ProxyAuditJournal } from '#journal';
import { FolderStagedFiles, HttpSessionApi, LocalRuntime } from '#runtime';
import {
  authenticatorFor,
  CallerRoles,
  corsOriginsOf,
  createLog,
  plainLog,
  registry,
  runtimeToken,
  systemClock,
  VERSION,
  type Environment,
} from '#service';
import { createCommandApi } from '../../command-api/src/command-api.module.js';
import { CallerRolesInProcess } from '../../proxy/src/access/caller-roles.js';
import { createProxy } from '../../proxy/src/proxy.js';
import { localRunners, runnersOf, SessionsInProcess, stagedFilesOf } from '../../proxy/src/runner/index.js';
import { proxySettingsOf } from '../../proxy/src/settings.js';
import { createQueryApi } from '../../query-api/src/query-api.module.js';
import { startScheduler } from '../../scheduler/src/scheduler.module.js';
import { EventStoreSessionFeed } from './session-feed.js';

export interface RunningStandalone {
  readonly url: string;
  /** The administrator's token, when it was made by this start. */
  readonly newToken: string | undefined;
  readonly tokenFile: string;
  /** Stops taking requests, lets those that run finish, and lets go of everything. */
  stop(): Promise<void>;
}

export async function startStandalone(environment: Environment, signal?: AbortSignal): Promise<RunningStandalone> {
  const dataDir = resolve(environment.AMBIENT_DATA_DIR);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const log = createLog(environment.LOG_LEVEL);
  const addresses = addressesOf({ ...environment, AMBIENT_DATA_DIR: dataDir });
  // Before anything is waited for: a mistake in the configuration is told at once.
  const sealer = createSealer((await loadSecretKey(dataDir, process.env)).key);
  const ownRuntime = runtimeToken(`runtime_${randomBytes(32).toString('base64url')}`);
  const { authenticator, newToken } = await authenticatorFor(environment, [ownRuntime]);
  const stores = await openStores(addresses, { log: plainLog(log, 'stores'), signal });
  const { eventStore, readStore, barrier } = stores;
  const messaging = await openMessaging(addresses.nats, { log: plainLog(log, 'bus'), name: 'ambient-sessions', signal });
  const { bus, leases } = messaging;
  const leading = new AbortController();
  const projecting = project(addresses, barrier, leases, plainLog(log, 'projector'), leading.signal);
  const relay = relayEvents(eventStore, messaging, plainLog(log, 'event-feed'), leading.signal);

  const readiness = [eventStoreCheck(eventStore), ...projectionChecks(readStore, barrier), deadLettersCheck(bus)];
  const common = {
    eventStore,
    readStore,
    barrier,
    authenticator,
    sealer,
    clock: systemClock,
    readiness,
    corsOrigins: corsOriginsOf(environment),
  };

  const commandApi = await createCommandApi({ ...common, bus, leases, log: log.child({ service: 'command-api' }) });
  const queryApi = await createQueryApi({
    ...common,
    auditRetentionDays: environment.AUDIT_RETENTION_DAYS,
    log: log.child({ service: 'query-api' }),
    version: VERSION,
    openapi: openApiDocument(VERSION),
    asyncapi: asyncApiDocument(VERSION),
  });
  const scheduler = await startScheduler({
    eventStore,
    bus,
    leases,
    readiness: [...readiness, relay.check],
    authenticator,
    log: log.child({ service: 'scheduler' }),
    clock: { now: () => Date.now(), sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined) },
    shards: environment.SCHEDULER_SHARDS,
    snapshotFolder: dataDir,
  });
  const commandUrl = await listen(commandApi, environment.COMMAND_API_PORT);
  const queryUrl = await listen(queryApi, environment.QUERY_API_PORT);
  await listen(scheduler.app, environment.SCHEDULER_PORT);
  const staged = stagedFilesOf(environment) ?? new FolderStagedFiles(join(dataDir, 'staged-files'));
  const tokenKey = environment.RUNNER_TOKEN_KEY ?? randomBytes(32);
  const runtime = new LocalRuntime({
    feed: new EventStoreSessionFeed(eventStore),
    api: new HttpSessionApi({ commandUrl, queryUrl, token: ownRuntime.token, log: plainLog(log, 'runtime') }),
    command: environment.AMBIENT_RUNTIME_COMMAND,
    keepInputOpen: environment.AMBIENT_RUNTIME_INPUT === 'open',
    dataDir,
    staged,
    runner: { host: environment.RUNNER_HOST, port: environment.RUNNER_PORT, tokenKey },
    log: plainLog(log, 'runtime'),
  });
  // Its port is known before the proxy listens, and its sessions run only when all the others do.
  await runtime.serve();
  const journal = new Journal(eventStore);
  const proxy = await createProxy({
    host: environment.HOST,
    port: environment.PORT,
    commandApiUrl: commandUrl,
    queryApiUrl: queryUrl,
    authenticator,
    ...proxySettingsOf(environment),
    callerRoles: new CallerRolesInProcess(new CallerRoles(journal)),
    runner: {
      sessions: new SessionsInProcess(journal),
      runners: runnersOf(environment) ?? localRunners(runtime.runnerUrlTemplate, tokenKey),
      staged,
    },
    auditSink: new ProxyAuditJournal(eventStore, () => Date.now()),
    log: log.child({ service: 'proxy' }),
    registry,
  });
  await runtime.start();

  return {
    url: proxy.url,
    newToken,
    tokenFile: join(dataDir, 'admin-token'),
    stop: async () => {
      await Promise.all([proxy.close(), scheduler.stop(), runtime.stop()]);
      await Promise.all([commandApi.close(), queryApi.close(), scheduler.app.close()]);
      leading.abort();
      await Promise.all([projecting, relay.done]);
      await messaging.close();
      await stores.close();
    },
  };
}

/** Services reach each other over the loopback interface alone. @returns the origin */
async function listen(app: NestFastifyApplication, port: number): Promise<string> {
  await app.listen(port, '127.0.0.1');
  const { port: taken } = app.getHttpServer().address() as AddressInfo;
  return `http://127.0.0.1:${taken}`;
}
