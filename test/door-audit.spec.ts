/** The audit of a proxy that is killed again and again under load, in a real log: one record each, of all that was answered in time. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PayloadOf } from '#contracts';
import { freePort } from '#testing';
import { FakeServer, ProxyProcess } from './support/door.js';
import { startIdentityProvider, type IdentityProvider } from './support/jwks.js';
import { randomFrom, testSeed } from './support/random.js';
import { allEvents, brokenLinks } from './support/stores.js';
import { SHARED, TestBed, type Settings } from './support/system.js';
import { until } from './support/until.js';

const REQUESTS = 10_000;
const CALLERS = 24;
const KILLS = 3;
/** What was answered so long before a kill is recorded: the promise. */
const IN_TIME_MS = 1000;

type Decision = PayloadOf<'ProxyRequestDecided'>;

/** A request, and the record that it leaves. */
interface Kind {
  readonly user?: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  /** Undefined: the service that it goes to keeps its own history. */
  readonly record?: Partial<Decision>;
  readonly status: number;
  readonly weight: number;
}

const KINDS: readonly Kind[] = [
  { user: 'olga', method: 'GET', path: '/api/projects/blue/models', status: 200, weight: 30, record: { decision: 'allowed' } },
  {
    user: 'olga',
    method: 'PUT',
    path: '/api/projects/blue/permissions',
    body: '{"of":"everyone"}',
    status: 200,
    weight: 20,
    record: { decision: 'allowed', bytes_in: 17 },
  },
  {
    user: 'vera',
    method: 'GET',
    path: '/api/projects/blue/access?broken',
    status: 500,
    weight: 5,
    record: { decision: 'allowed' },
  },
  {
    user: 'vera',
    method: 'PUT',
    path: '/api/projects/blue/permissions',
    status: 403,
    weight: 15,
    record: { rule: 'needs owner' },
  },
  { user: 'nina', method: 'GET', path: '/api/projects/blue/models', status: 404, weight: 10, record: { rule: 'needs viewer' } },
  { user: 'olga', method: 'GET', path: '/api/nothing', status: 404, weight: 5, record: { rule: 'route' } },
  { user: 'olga', method: 'PATCH', path: '/api/projects/blue/models', status: 405, weight: 3, record: { rule: 'method' } },
  { method: 'GET', path: '/api/projects/blue/models', status: 401, weight: 2, record: { rule: 'authentication' } },
  { user: 'olga', method: 'GET', path: '/api/ambient/v1/projects', status: 200, weight: 10 },
];

/** A request that was answered, and when. */
interface Answered {
  readonly id: string;
  readonly kind: Kind;
  readonly status: number;
  readonly at: number;
}

const seed = testSeed();

describe(`the audit of ${REQUESTS} mixed requests over ${KILLS} kills of the proxy, with TEST_SEED=${seed}`, () => {
  const random = randomFrom(seed);
  const bed = new TestBed();
  const tokens = new Map<string, string>();
  let provider: IdentityProvider;
  let backend: FakeServer;
  let dataDir: string;
  let settings: Settings;
  let proxy: ProxyProcess;

  beforeAll(async () => {
    provider = await startIdentityProvider();
    backend = await FakeServer.start(
      ({ url }, response) => void response.writeHead(url.endsWith('?broken') ? 500 : 200).end(url),
    );
    dataDir = await bed.dataDir();
    const [command, query] = [await freePort(), await freePort()];
    const shared = { ...SHARED, ...provider.settings };
    const system = await bed.start(dataDir, { ...shared, COMMAND_API_PORT: `${command}`, QUERY_API_PORT: `${query}` });
    for (const user of ['olga', 'vera', 'nina']) tokens.set(user, await provider.token(user));
    const owner = system.as(tokens.get('olga'));
    await owner.post('/projects', { name: 'blue' });
    await owner.post('/role_bindings', { role_id: 'project:viewer', scope: 'project', user_id: 'vera', project_id: 'blue' });
    settings = {
      ...shared,
      COMMAND_API_URL: `http://127.0.0.1:${command}`,
      QUERY_API_URL: `http://127.0.0.1:${query}`,
      BACKEND_URL: backend.url,
      BACKEND_TOKEN: 'token-at-the-backend',
      PORT: `${await freePort()}`,
    };
    proxy = await ProxyProcess.start(dataDir, settings);
  }, 120_000);
  afterAll(async () => {
    await proxy.end('SIGKILL');
    await bed.clear();
    await backend.stop();
    provider.close();
  });

  const totalWeight = KINDS.reduce((sum, { weight }) => sum + weight, 0);
  function anyKind(): Kind {
    let left = random() * totalWeight;
    return KINDS.find(({ weight }) => (left -= weight) < 0) ?? KINDS[0]!;
  }

  async function ask(id: string, { user, method, path, body }: Kind): Promise<number> {
    const headers = { 'x-operation-id': id, ...(user === undefined ? {} : { authorization: `Bearer ${tokens.get(user)}` }) };
    const response = await fetch(proxy.url + path, { method, headers, ...(body === undefined ? {} : { body }) });
    await response.text();
    return response.status;
  }

  it('has one record of each that was answered more than 1 s before a kill, and never two', async () => {
    const answered: Answered[] = [];
    const kills: { readonly at: number; readonly over: number }[] = [];
    let asked = 0;
    let up = Promise.resolve();

    const call = async (): Promise<void> => {
      while (asked < REQUESTS) {
        const id = `op-${asked++}`;
        const kind = anyKind();
        await up;
        try {
          answered.push({ id, kind, status: await ask(id, kind), at: performance.now() });
        } catch {
          // The proxy was killed: no answer, no promise.
        }
      }
    };
    const kill = async (): Promise<void> => {
      for (let n = 1; n <= KILLS; n++) {
        const after = Math.floor(((n - random() / 2) * REQUESTS) / (KILLS + 1));
        await until(() => asked >= after, 120_000, `${after} requests were made`);
        const back = Promise.withResolvers<void>();
        // None is made while no one listens: those are not answered, and of no interest here.
        up = back.promise;
        const at = performance.now();
        await proxy.end('SIGKILL');
        kills.push({ at, over: performance.now() });
        proxy = await ProxyProcess.start(dataDir, settings);
        back.resolve();
      }
    };
    await Promise.all([kill(), ...Array.from({ length: CALLERS }, call)]);

    const promised = answered.filter(({ at }) => {
      const next = kills.find(({ over }) => over >= at);
      return next === undefined || next.at - at > IN_TIME_MS;
    });
    const expected = promised.filter(({ kind }) => kind.record).map(({ id }) => id);
    const records = async (): Promise<Decision[]> =>
      (await allEvents(dataDir))
        .filter(({ type }) => type === 'ProxyRequestDecided')
        .map(({ data }) => JSON.parse(data) as Decision);
    const missing = async (): Promise<string[]> => {
      const there = new Set((await records()).map(({ operation_id }) => operation_id));
      return expected.filter(id => !there.has(id));
    };
    // Which are missing is told below.
    await until(async () => (await missing()).length === 0, 10_000).catch(() => undefined);

    const found = Map.groupBy(await records(), ({ operation_id }) => operation_id);
    expect(await missing()).toEqual([]);
    expect([...found].filter(([, ofOne]) => ofOne.length > 1)).toEqual([]);
    for (const { id, kind, status } of answered) {
      expect({ id, status }).toEqual({ id, status: kind.status });
      const [record] = found.get(id) ?? [];
      if (!kind.record) expect(record).toBeUndefined();
      else if (record) {
        const { decision = 'denied', ...others } = kind.record;
        const { method, user } = kind;
        expect(record).toMatchObject({ decision, ...others, method, status, ...(user === undefined ? {} : { user }) });
      }
    }
    expect(brokenLinks(await allEvents(dataDir))).toEqual([]);
    expect(kills).toHaveLength(KILLS);
    // Most of them are promised: the proof is not about a few.
    expect(promised.length).toBeGreaterThan(REQUESTS / 2);
  }, 300_000);
});
