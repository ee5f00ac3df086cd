/** Unkind treatment: a second start, a bad configuration, Ctrl-C under load, processes that outlive nobody. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from './support/http.js';
import { describeEmbedded } from './support/engines.js';
import { TestBed, type System } from './support/system.js';
import { isAlive } from './support/build.js';
import { until } from './support/until.js';

const bed = new TestBed();
/** Process groups of commands that a `kill -9` of the system leaves behind. */
const orphans: number[] = [];
afterAll(async () => {
  for (const group of orphans) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  }
  await bed.clear();
});

describeEmbedded('a second start on the same data', () => {
  it('ends with a message that says why, and the first goes on unharmed', async () => {
    const dataDir = await bed.dataDir();
    const first = await bed.start(dataDir);
    await first.api.post('/projects', { name: 'mine' });
    const second = await bed.spawn(dataDir);
    const { code } = await second.exited;
    expect(code).toBe(1);
    expect(second.output).toMatch(/another process|already|in use/i);
    expect(second.output.trim().split('\n')).toHaveLength(1);
    expect(second.output).not.toMatch(/ {4}at /);
    await first.api.post('/projects', { name: 'also-mine' });
    expect((await first.api.all('/projects')).map(({ id }) => id)).toEqual(['mine', 'also-mine']);
    expect((await first.api.request('GET', '//readyz')).status).toBe(200);
    expect((await first.stop()).code).toBe(0);
  }, 120_000);
});

describe('a bad configuration', () => {
  it.each([
    ['PORT', { PORT: 'eight thousand' }],
    ['PORT', { PORT: '70000' }],
    ['COMMAND_API_PORT', { COMMAND_API_PORT: '-1' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['AMBIENT_TOKEN', { AMBIENT_TOKEN: 'short' }],
    ['AUTH_JWKS_URL', { AUTH_JWKS_URL: 'not a url' }],
    ['AUTH_ISSUER', { AUTH_JWKS_URL: 'http://127.0.0.1:1/keys' }],
    ['EVENT_STORE_URL', { EVENT_STORE_URL: 'postgres://localhost' }],
    ['AMBIENT_SECRET_KEY', { AMBIENT_SECRET_KEY: 'weak' }],
  ])(
    'of %s (%j) is one line that names it',
    async (name, settings) => {
      const system = await bed.spawn(await bed.dataDir(), settings);
      expect((await system.exited).code).toBe(1);
      const lines = system.output.trim().split('\n');
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain(name);
    },
    30_000,
  );
});

describe('Ctrl-C', () => {
  it('under load ends within 10 s, and loses no acknowledged write', async () => {
    const dataDir = await bed.dataDir();
    const system = await bed.start(dataDir);
    await system.api.post('/projects', { name: 'busy' });
    const acknowledged: string[] = [];
    let refused = 0;
    let next = 0;
    const write = async (): Promise<void> => {
      while (refused < 32) {
        const name = `made-${next++}`;
        try {
          const { status, body } = await system.api.request('POST', '/projects/busy/scheduled-sessions', {
            body: { name, schedule: '0 0 1 1 *' },
          });
          if (status === 201) acknowledged.push(body['id'] as string);
          else refused += 1;
        } catch {
          refused += 1;
        }
      }
    };
    const writers = Array.from({ length: 32 }, write);
    await until(() => acknowledged.length > 100, 20_000, 'a hundred writes are acknowledged');
    const ended = await system.end('SIGINT');
    await Promise.all(writers);
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(ended.ms).toBeLessThan(10_000);

    const again = await bed.start(dataDir);
    const found = new Set((await again.api.all('/projects/busy/scheduled-sessions')).map(({ id }) => id as string));
    expect(acknowledged.filter(id => !found.has(id))).toEqual([]);
    expect((await again.stop()).code).toBe(0);
  }, 150_000);
});

describe('processes of sessions', () => {
  /** A command with a child of its own; both write their ids, and neither wants to end. */
  const commandIn = (folder: string): string => `echo $$ > ${folder}/pids; sleep 600 & echo $! >> ${folder}/pids; wait`;

  async function startSession(system: System, folder: string): Promise<{ path: string; pids: number[] }> {
    await system.api.post('/projects', { name: 'long' });
    const { id } = await system.api.post('/sessions', { name: 'endless', project_id: 'long', prompt: 'wait' });
    const path = `/sessions/${id}`;
    await system.api.post(`${path}/start`, undefined, 200);
    await until(async () => (await system.api.get(path))['phase'] === 'Running', 20_000, 'the session runs');
    const pids = await until(
      () => {
        const found = readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number);
        return found.length === 2 ? found : undefined;
      },
      10_000,
      'the command has started',
    );
    return { path, pids };
  }

  it('end with the system, and the session is reported', async () => {
    const folder = await bed.dataDir();
    const dataDir = await bed.dataDir();
    const settings = { AMBIENT_RUNTIME_COMMAND: commandIn(folder) };
    const system = await bed.start(dataDir, settings);
    const { path, pids } = await startSession(system, folder);
    expect(pids.every(isAlive)).toBe(true);
    const ended = await system.stop();
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(ended.ms).toBeLessThan(10_000);
    await until(() => !pids.some(isRunning), 5000, 'the processes of the session are gone');
    const again = await bed.start(dataDir, settings);
    const session = await again.api.get(path);
    expect(session).toMatchObject({ phase: 'Failed', completion_time: expect.any(String) });
    expect(conditionsOf(session)).toMatchObject([{ reason: 'runtime_stopped' }]);
  }, 150_000);

  it('are lost with a kill -9, and then the session is reported Failed', async () => {
    const folder = await bed.dataDir();
    const dataDir = await bed.dataDir();
    const settings = { AMBIENT_RUNTIME_COMMAND: commandIn(folder) };
    const system = await bed.start(dataDir, settings);
    const { path, pids } = await startSession(system, folder);
    orphans.push(pids[0]!);
    await system.kill9();
    const again = await bed.start(dataDir, settings);
    const session = await until(
      async () => {
        const found = await again.api.get(path);
        return found['phase'] === 'Failed' ? found : undefined;
      },
      20_000,
      'the session is reported',
    );
    expect(conditionsOf(session)).toMatchObject([{ reason: 'runtime_restarted' }]);
    const events = await again.api.get<Json[]>(`${path}/pod-events`);
    expect(events).toMatchObject([{ reason: 'runtime_restarted' }]);
    // It can be started anew.
    expect((await again.api.post(`${path}/start`, undefined, 200))['phase']).toBe('Pending');
    await until(() => Number(readFileSync(join(folder, 'pids'), 'utf8').split('\n')[0]) !== pids[0], 20_000, 'it runs again');
    expect((await again.stop()).code).toBe(0);
  }, 150_000);
});

const conditionsOf = ({ conditions }: Json): Json[] =>
  (typeof conditions === 'string' ? JSON.parse(conditions) : (conditions ?? [])) as Json[];

/** Alive and no zombie: where nobody reaps orphans (a container without init), their remains stay. */
function isRunning(pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .startsWith('Z');
  } catch {
    return false;
  }
}
