/** The stack of `docker-compose.yml`: what can be known of it without Docker, and, where Docker is, a session on it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { StartedDockerComposeEnvironment } from 'testcontainers';
import { parse } from 'yaml';
import { checkAlone } from '#engines';
import { Environment, loadEnvironment } from '#service';
import { freePort } from '#testing';
import { ROOT } from './support/build.js';
import { Client, type ListOf } from './support/http.js';
import { until } from './support/until.js';

/** What this test looks at in a service. */
interface Service {
  readonly image?: string;
  readonly build?: string | { readonly dockerfile_inline: string };
  readonly user?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly read_only?: boolean;
  readonly security_opt?: readonly string[];
  readonly container_name?: string;
}

interface Stack {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, null>>;
}

/** What an operator has to give. */
const SECRETS = {
  AMBIENT_TOKEN: 'the-token-of-the-administrator',
  AMBIENT_RUNTIME_TOKEN: 'the-token-of-the-runtime',
  AMBIENT_PROXY_TOKEN: 'the-token-of-the-proxy',
  RUNNER_TOKEN_KEY: 'what-proxy-and-runtime-know-each-other-by',
  AMBIENT_SECRET_KEY: '5e'.repeat(32),
};

const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Puts values in the place of `${NAME}`, `${NAME:-default}` and `${NAME:?message}`, as Compose does. */
const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, operator: string | undefined, rest: string) => {
    const value = values[name];
    if (value) return value;
    if (operator === '-') return rest;
    throw new Error(`${name}: ${rest}`);
  });

const stackOf = (file: string, values: Readonly<Record<string, string>> = SECRETS): Stack =>
  parse(textOf(file), (_, value: unknown) => (typeof value === 'string' ? filled(value, values) : value), {
    merge: true,
  }) as Stack;

const FILE = 'docker-compose.yml';
const { services, networks, volumes } = stackOf(FILE);
const own = Object.entries(services).filter(([, { build }]) => build === '.');
const engines = Object.entries(services).filter(([, { build }]) => build !== '.');

describe.each([FILE, 'docker-compose.standalone.yml'])('%s', file => {
  it('is what the schema of Compose asks for', () => {
    const require = createRequire(createRequire(import.meta.url).resolve('testcontainers'));
    const { $schema: _, ...schema } = require('docker-compose/schema/compose-spec.json') as object & { $schema: string };
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.validate(schema, stackOf(file));
    expect(ajv.errors).toBeNull();
  });

  it('does not start without its secrets', () => {
    const required = [...textOf(file).matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name as keyof typeof SECRETS);
    expect(required).toContain('AMBIENT_TOKEN');
    for (const name of required) expect(() => stackOf(file, { ...SECRETS, [name]: '' })).toThrow(name);
  });
});

it('has the four services, the runtime and the three engines', () => {
  expect(own.map(([name]) => name).sort()).toEqual(['command-api', 'proxy', 'query-api', 'runtime', 'scheduler']);
  expect(engines.map(([name]) => name).sort()).toEqual(['kurrentdb', 'mongodb', 'nats']);
});

describe.each(Object.entries(services))('%s', (name, service) => {
  it('runs as no root, and can not become it', () => {
    expect(service.user).toMatch(/^(?!root|0(:|$))./);
    expect(service).toMatchObject({
      security_opt: ['no-new-privileges:true'],
      cap_drop: ['ALL'],
      restart: 'unless-stopped',
      stop_grace_period: '15s',
    });
  });

  it('can be asked for its health', () => {
    if (name === 'runtime') expect(service.healthcheck).toEqual({ disable: true });
    else expect(service.healthcheck?.test?.[0]).toBe('CMD');
  });

  it('is reached from outside by the proxy alone', () => {
    expect(service.ports).toEqual(name === 'proxy' ? ['127.0.0.1:8000:8000'] : undefined);
    expect(service.networks.every(network => network === 'default' || network in networks)).toBe(true);
  });

  it('can run more than once', () => {
    expect(service.container_name).toBeUndefined();
  });
});

describe.each(engines)('%s', (_, service) => {
  it('is of a version that does not move by itself', () => {
    const from = typeof service.build === 'object' ? /^FROM (.*)$/m.exec(service.build.dockerfile_inline)?.[1] : service.image;
    expect(from).toMatch(/^[\w/-]+:\d+\.\d+(-\w+)?$/);
  });

  it('keeps its data in a named volume, in a network that leads nowhere else', () => {
    expect(service.volumes?.length).toBeGreaterThan(0);
    for (const volume of service.volumes ?? []) expect(volumes).toHaveProperty(volume.split(':')[0]!);
    expect(service.networks).toEqual(['engines']);
    expect(networks['engines']?.internal).toBe(true);
  });
});

describe.each(own)('%s', (name, { command, environment = {}, healthcheck, networks }) => {
  it('starts its app, as npm does', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    expect(command?.at(-1)).toBe(`dist/apps/${name}/src/main.js`);
    expect(scripts[`start:${name}`]).toMatch(new RegExp(`&& exec ${command?.join(' ')}$`));
    expect(existsSync(join(ROOT, `apps/${name}/src/main.ts`))).toBe(true);
  });

  it('is given variables that there are, with values that they take', () => {
    expect(Object.keys(Environment.properties)).toEqual(expect.arrayContaining(Object.keys(environment)));
    const loaded = loadEnvironment(environment);
    expect(loaded.LOG_LEVEL).toBe('info');
    if (name === 'runtime') return expect(loaded.AMBIENT_RUNTIME_TOKEN).toBeDefined();
    expect(loaded.HOST).toBe('0.0.0.0');
    if (name !== 'proxy') checkAlone(loaded, name === 'scheduler' ? [] : ['READ_STORE_URL', 'AMBIENT_SECRET_KEY']);
  });

  it('is sent to services that it can reach', () => {
    const urls = Object.entries(environment).filter(([name, value]) => name.endsWith('_URL') && value !== '');
    expect(urls.length).toBeGreaterThan(0);
    for (const [, value] of urls) {
      const reached = services[new URL(value).hostname];
      expect(reached?.networks.filter(network => networks.includes(network))).not.toEqual([]);
    }
  });

  it('is asked for its health where it listens', () => {
    if (name === 'runtime') return;
    const { PORT, COMMAND_API_PORT, QUERY_API_PORT, SCHEDULER_PORT } = loadEnvironment(environment);
    const ports: Record<string, number> = {
      proxy: PORT,
      'command-api': COMMAND_API_PORT,
      'query-api': QUERY_API_PORT,
      scheduler: SCHEDULER_PORT,
    };
    expect(healthcheck?.test?.join(' ')).toContain(`http://127.0.0.1:${ports[name]}/readyz`);
  });
});

it('the apps are found where others are sent', () => {
  const { COMMAND_API_URL, QUERY_API_URL } = loadEnvironment(services['proxy']?.environment);
  const { COMMAND_API_PORT, QUERY_API_PORT } = loadEnvironment({});
  expect([COMMAND_API_URL, QUERY_API_URL]).toEqual([
    `http://command-api:${COMMAND_API_PORT}`,
    `http://query-api:${QUERY_API_PORT}`,
  ]);
});

describe('Dockerfile', () => {
  const [, image = ''] = textOf('Dockerfile')
    .split(/^(?=FROM )/m)
    .slice(-2);

  it('runs the standalone system by default, as the user node, and asks it for its health', () => {
    expect(image).toContain('CMD ["node", "--expose-gc", "dist/apps/standalone/src/main.js"]');
    expect(image).toMatch(/^USER node$/m);
    expect(image).toContain(`http://127.0.0.1:${loadEnvironment({}).PORT}/readyz`);
  });

  it('runs on the Node that the package pins', () => {
    const { dependencies } = JSON.parse(textOf('package.json')) as { dependencies: { node: string } };
    expect(textOf('Dockerfile').match(/^FROM node:[\d.]+/gm)).toEqual(Array(2).fill(`FROM node:${dependencies.node}`));
  });
});

const DOCKER = spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 5000 }).status === 0;
const BUILDING_MS = 15 * 60_000;

(DOCKER ? describe : describe.skip)(`the stack${DOCKER ? '' : ' (skipped, needs a container engine: start Docker)'}`, () => {
  let stack: StartedDockerComposeEnvironment;
  let api: Client;

  beforeAll(async () => {
    const { DockerComposeEnvironment, Wait } = await import('testcontainers');
    const PORT = String(await freePort());
    const waiting = new DockerComposeEnvironment(ROOT, FILE).withBuild().withEnvironment({ ...SECRETS, PORT });
    for (const [name, { healthcheck }] of Object.entries(services)) {
      if (!healthcheck?.disable) waiting.withWaitStrategy(`${name}-1`, Wait.forHealthCheck());
    }
    stack = await waiting.withStartupTimeout(BUILDING_MS).up();
    api = new Client(`http://127.0.0.1:${PORT}`, SECRETS.AMBIENT_TOKEN);
  }, BUILDING_MS);
  afterAll(() => stack?.down({ removeVolumes: true }), 120_000);

  it('runs a session when a schedule is triggered', async () => {
    await api.post('/projects', { name: 'garden' });
    const agent = await api.post('/projects/garden/agents', { name: 'gardener' });
    const schedule = await api.post('/projects/garden/scheduled-sessions', {
      name: 'watering',
      agent_id: agent['id'],
      schedule: '0 0 1 1 *',
      session_prompt: 'water the roses',
    });

    const { session } = await api.post(`/projects/garden/scheduled-sessions/${schedule['id']}/trigger`, undefined, 200);

    await until(async () => (await api.get(`/sessions/${session.id}`))['phase'] === 'Completed', 60_000, 'the session has ended');
    const { items } = await api.get<ListOf<any>>(`/projects/garden/scheduled-sessions/${schedule['id']}/runs`);
    expect(items).toMatchObject([{ id: session.id, phase: 'Completed', run: { outcome: 'started' } }]);
  }, 120_000);
});
