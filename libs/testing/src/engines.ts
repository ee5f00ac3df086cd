/**
 * The real engines that suites run against. Each comes from a URL in the environment, else from a server on the PATH, else from a
 * container; where there is none, the suite is skipped, and says how to get it. `REQUIRE_ENGINES=nats,mongodb` makes such a skip a failure.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import type { StartedTestContainer } from 'testcontainers';
import { startNatsServer } from './nats-server.js';

export type EngineName = 'nats' | 'kurrentdb' | 'mongodb';

/** An engine that runs, and how to let it go. */
interface RunningEngine {
  readonly url: string;
  stop(): Promise<unknown>;
}

interface Engine {
  /** The variable that names a running server. */
  readonly variable: string;
  /** Its program, if a package brings one. */
  readonly local?: { readonly program: string; readonly start: () => Promise<RunningEngine> };
  container(): Promise<RunningEngine>;
  /** What to do where it is missing. */
  readonly hint: string;
}

const running = (container: StartedTestContainer, url: string): RunningEngine => ({ url, stop: () => container.stop() });

const ENGINES: Readonly<Record<EngineName, Engine>> = {
  nats: {
    variable: 'NATS_TEST_URL',
    local: { program: 'nats-server', start: () => startNatsServer() },
    container: async () => {
      const { GenericContainer } = await import('testcontainers');
      const container = await new GenericContainer('nats:2.10-alpine').withCommand(['-js']).withExposedPorts(4222).start();
      return running(container, `nats://${container.getHost()}:${container.getMappedPort(4222)}`);
    },
    hint: 'install nats-server, start Docker, or set NATS_TEST_URL=nats://…',
  },
  kurrentdb: {
    variable: 'KURRENTDB_TEST_URL',
    container: async () => {
      const { GenericContainer, Wait } = await import('testcontainers');
      const container = await new GenericContainer('kurrentplatform/kurrentdb:25.1')
        .withEnvironment({ KURRENTDB_INSECURE: 'true', KURRENTDB_MEM_DB: 'true', KURRENTDB_RUN_PROJECTIONS: 'None' })
        .withExposedPorts(2113)
        .withWaitStrategy(Wait.forHttp('/health/live', 2113).forStatusCode(204))
        .start();
      return running(container, `kurrentdb://${container.getHost()}:${container.getMappedPort(2113)}?tls=false`);
    },
    hint: 'start Docker, or set KURRENTDB_TEST_URL=kurrentdb://…?tls=false',
  },
  mongodb: {
    variable: 'MONGODB_TEST_URL',
    container: async () => {
      const { GenericContainer, Wait } = await import('testcontainers');
      const container = await new GenericContainer('mongo:8.0')
        .withCommand(['--replSet', 'rs0', '--bind_ip_all'])
        .withExposedPorts(27017)
        .withWaitStrategy(Wait.forLogMessage('Waiting for connections'))
        .start();
      await container.exec(['mongosh', '--quiet', '--eval', 'rs.initiate({_id: "rs0", members: [{_id: 0, host: "localhost"}]})']);
      return running(container, `mongodb://${container.getHost()}:${container.getMappedPort(27017)}/?directConnection=true`);
    },
    hint: 'start Docker, or set MONGODB_TEST_URL=mongodb://…',
  },
};

const succeeds = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore', timeout: 5000 }).status === 0;

function source(engine: Engine): (() => Promise<RunningEngine>) | undefined {
  const url = process.env[engine.variable];
  if (url) return async () => ({ url, stop: async () => undefined });
  if (engine.local && succeeds(engine.local.program, '--version')) return engine.local.start;
  return succeeds('docker', 'info') ? () => engine.container() : undefined;
}

const required = (name: EngineName): boolean => (process.env['REQUIRE_ENGINES'] ?? '').split(',').includes(name);

/** The tests of `suite` run against a real engine; `url()` names it once they run. */
export function describeWithEngine(name: EngineName, title: string, suite: (url: () => string) => void): void {
  describeWithEngines([name], title, urls => suite(() => urls()[name]));
}

/** As {@link describeWithEngine}, for a suite that needs several. */
export function describeWithEngines<N extends EngineName>(
  names: readonly N[],
  title: string,
  suite: (urls: () => Record<N, string>) => void,
): void {
  const sources = names.map(name => ({ name, start: source(ENGINES[name]) }));
  const missing = sources.filter(({ start }) => !start).map(({ name }) => name);
  if (missing.length > 0) return skipped(title, missing, () => suite(() => ({}) as Record<N, string>));
  describe(title, () => {
    const engines = new Map<N, RunningEngine>();
    beforeAll(async () => {
      for (const { name, start } of sources) if (start) engines.set(name, await start());
    }, 120_000);
    afterAll(() => Promise.all([...engines.values()].map(engine => engine.stop())));
    suite(() => Object.fromEntries([...engines].map(([name, { url }]) => [name, url])) as Record<N, string>);
  });
}

function skipped(title: string, missing: readonly EngineName[], suite: () => void): void {
  const hints = missing.map(name => `needs ${name}: ${ENGINES[name].hint}`).join('; ');
  const failing = missing.filter(required);
  if (failing.length > 0) it(`${title} (${hints})`, () => expect(failing).toEqual([]));
  else describe.skip(`${title} (skipped, ${hints})`, suite);
}
