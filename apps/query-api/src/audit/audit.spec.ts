import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { linesOf, streams, verifyExport, type ProxyDecision } from '#contracts';
import { project } from '#domain';
import { ProxyAuditJournal } from '#journal';
import { instant } from '#service';
import type { Body } from '../../testing/body.js';
import { World, type User } from '../../testing/world.js';

const LINES = { accept: 'application/x-ndjson' };

let world: World;
let schedule: string;
let chat: string;
let foreign: string;

const decision = (fields: Partial<ProxyDecision>): ProxyDecision => ({
  at: instant(world.clock.now()),
  user: 'vic',
  actor_kind: 'user',
  group: 'project configuration',
  method: 'GET',
  path_template: '/api/projects/{project_id}/keys',
  parameters: { project_id: fields.project_id ?? '' },
  decision: 'denied',
  rule: 'owner',
  status: 404,
  bytes_in: 0,
  bytes_out: 100,
  duration_ms: 1,
  operation_id: 'operation',
  ...fields,
});

const record = (...decisions: Partial<ProxyDecision>[]): Promise<void> =>
  new ProxyAuditJournal(world.events, () => world.clock.now()).record(randomUUID(), decisions.map(decision));

beforeAll(async () => {
  world = await World.open();
  await record({ project_id: 'blue', operation_id: 'before there was a project' });
  await world.makeProject('blue');
  await world.makeProject('red');
  await world.grant('ann', 'project:owner', 'blue');
  await world.grant('vic', 'project:editor', 'blue');
  await world.grant('bob', 'project:owner', 'red');
  schedule = await world.makeSchedule('blue');
  chat = await world.makeSession({ project_id: 'blue' }, { environment_variables: '{"KEY":"open sesame"}' });
  await world.say(chat, 'hello "blue"');
  foreign = await world.makeSession({ project_id: 'red' });
  await world.makeSession({}, { name: 'of no project, called blue', prompt: '"project_id":"blue"' });
  await record({ project_id: 'blue' }, { project_id: 'red' }, {}, { project_id: 'blue', user: 'bob' });
  await world.changeSchedule(schedule, { type: 'SuspendScheduledSession' });
});
afterAll(() => world.close());

const audit = (query = '', as: User = 'ann') => world.get(`/projects/blue/audit${query}`, as);
const typesOf = (body: Body): string[] => body.items.map(({ type }) => type);
const exported = async (query = '', project = 'blue') => {
  const { status, headers, body } = await raw(`/projects/${project}/audit${query}`);
  expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson']);
  return body.split('\n').slice(0, -1);
};
const raw = async (path: string) => {
  const { statusCode, headers, body } = await world.app.inject({
    method: 'GET',
    url: `/api/ambient/v1${path}`,
    headers: { authorization: 'Bearer token-admin', ...LINES },
  });
  return { status: statusCode, headers, body };
};

const ALL = [
  'ProjectCreated',
  'RoleGranted',
  'RoleGranted',
  'ScheduledSessionCreated',
  'SessionCreated',
  'SessionMessageAppended',
  'ProxyRequestDecided',
  'ProxyRequestDecided',
  'ScheduledSessionSuspended',
];

describe('the audit of a project', () => {
  it('lists its events of all kinds in the order of the log, and no other’s', async () => {
    const { status, json } = await audit();
    expect([status, json.kind, json.size, json['next']]).toEqual([200, 'AuditList', ALL.length, undefined]);
    expect(typesOf(json)).toEqual(ALL);
    expect(new Set(json.items.map(({ payload }) => payload['project_id']))).toEqual(new Set(['blue']));
    expect(JSON.stringify(json)).not.toContain(foreign);
    const positions = json.items.map(({ position }) => String(position));
    expect(positions).toEqual(positions.toSorted());
  });

  it('shows each event as a history does, and where it stands', async () => {
    const { json } = await audit('?type=ScheduledSessionCreated');
    const history = await world.get(`/projects/blue/scheduled-sessions/${schedule}/history?limit=1`);
    expect(json.items).toEqual([{ ...history.json.items[0], position: expect.stringMatching(/^\d{20}$/) }]);
  });

  it('never opens what is sealed', async () => {
    expect((await audit()).body).not.toContain('open sesame');
    expect((await audit('?type=SessionCreated')).body).toContain('sealed:v1:');
  });

  it('goes on after a position, page by page, to the end', async () => {
    const found: string[] = [];
    let pages = 0;
    for (let after = ''; ; pages++) {
      const { json } = await audit(`?limit=4${after}`);
      found.push(...typesOf(json));
      if (json['next'] === undefined) break;
      expect(json.size).toBe(4);
      after = `&after=${json['next'] as string}`;
    }
    expect([pages, found]).toEqual([2, ALL]);
  });

  it('is confined by actor, type and time, both ends included', async () => {
    expect(typesOf((await audit('?actor=bob')).json)).toEqual(['ProxyRequestDecided']);
    expect(typesOf((await audit('?type=RoleGranted')).json)).toEqual(['RoleGranted', 'RoleGranted']);
    const { items } = (await audit()).json;
    const [from, to] = [items[3]!['occurred_at'], items[5]!['occurred_at']] as [string, string];
    expect(typesOf((await audit(`?from=${from}&to=${to}`)).json)).toEqual(ALL.slice(3, 6));
    expect((await audit(`?from=${to}&to=${to}&type=SessionCreated`)).json.size).toBe(0);
  });

  it('holds nothing from before there was the project', async () => {
    expect((await audit()).body).not.toContain('before there was');
  });

  it.each([
    ['limit', '0'],
    ['limit', '1001'],
    ['limit', 'many'],
    ['from', 'yesterday'],
    ['to', '2026-02-30T00:00:00Z'],
    ['from', '2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z'],
    ['type', 'ProjectBurnt'],
    ['type', 'toString'],
    ['after', '7'],
    ['after', "'; drop table events"],
    ['after', 'a&after=b'],
  ])('refuses %s=%s by name', async (name, value) => {
    for (const headers of [{}, LINES]) {
      const { status, json } = await world.get(`/projects/blue/audit?${name}=${value}`, 'ann', headers);
      expect([status, json.reason]).toEqual([400, expect.stringContaining(name)]);
    }
  });

  it('has nothing after a position that the log has not reached', async () => {
    expect((await audit(`?after=${'9'.repeat(20)}`)).json).toMatchObject({ size: 0, items: [] });
    expect(await exported(`?after=${'9'.repeat(20)}`)).toEqual([]);
  });

  it.each(['', '/verify'])('is there for an owner and an administrator alone: audit%s', async path => {
    const statuses = await Promise.all(
      (['ann', 'admin', 'vic', 'bob', 'watcher', 'runtime'] as const).map(
        async user => (await world.get(`/projects/blue/audit${path}`, user)).status,
      ),
    );
    expect(statuses).toEqual([200, 200, 404, 404, 404, 404]);
    expect((await world.get(`/projects/none/audit${path}`)).status).toBe(404);
  });
});

describe('an export', () => {
  it('holds all that the list does, one event a line, and can be verified offline', async () => {
    const lines = await exported();
    expect(lines.map(line => (JSON.parse(line) as Body).type)).toEqual(ALL);
    expect(await verifyExport(lines)).toEqual({ valid: true, streams: 6, events: ALL.length });
  });

  it('that was broken off goes on after the last event, and gives exactly the rest', async () => {
    const lines = await exported();
    for (const [index, line] of lines.entries()) {
      const { position } = JSON.parse(line) as Body;
      const rest = await exported(`?after=${String(position)}`);
      expect(rest).toEqual(lines.slice(index + 1));
      expect(await verifyExport(rest, { partial: true })).toMatchObject({ valid: true });
    }
  });

  it('is confined as the list is', async () => {
    expect(await exported('?actor=bob')).toHaveLength(1);
    expect(await exported('?limit=1')).toHaveLength(ALL.length);
  });

  it('of 300 events is found out whichever byte of it is changed', async () => {
    for (let n = 0; n < 300; n++) await world.say(foreign, `message ${n}`);
    const lines = await exported('', 'red');
    expect(lines.length).toBeGreaterThan(300);
    expect(await verifyExport(lines)).toMatchObject({ valid: true });
    const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''));
    // Every 2503rd byte: in time all parts of a line. The position (its last 22 bytes) is no evidence.
    for (let index = 0; index < bytes.length; index += 2503) {
      const toEnd = bytes.indexOf('\n', index) - index;
      if (toEnd > 1 && toEnd < 24) continue;
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1;
      expect([index, (await verifyExport(linesOf(pieceOf(changed)))).valid]).toEqual([index, false]);
    }
  });

  it('waits for a client that does not read, stops when it leaves, and does not hold up a service that goes down', async () => {
    const long = await World.open();
    try {
      await long.makeProject('blue');
      const journal = new ProxyAuditJournal(long.events, () => long.clock.now());
      const thousand = Array.from({ length: 1000 }, () => decision({ project_id: 'blue', rule: 'r'.repeat(2000) }));
      for (let n = 0; n < 8; n++) await journal.record(randomUUID(), thousand);
      const reads = jest.spyOn(long.events, 'readAll');
      const open = async (): Promise<IncomingMessage> => {
        const headers = { authorization: 'Bearer token-admin', ...LINES };
        const [response] = (await once(get(`${long.url}/api/ambient/v1/projects/blue/audit`, { headers }), 'response')) as [
          IncomingMessage,
        ];
        return response.on('error', () => undefined);
      };
      const whole = async (): Promise<number> => {
        let count = 0;
        for await (const _ of linesOf(await open())) count += 1;
        return count;
      };

      const idle = await open();
      expect([await whole(), await whole()]).toEqual([8001, 8001]);
      const [both, eachReads] = [reads.mock.calls.length, 8001 / 250];
      // What the sockets hold has been read for the idle one, and no more.
      expect(both).toBeLessThan(2.7 * eachReads);

      idle.destroy();
      expect(await whole()).toBe(8001);
      expect(reads.mock.calls.length - both).toBeLessThan(1.3 * eachReads);
      await open();
    } finally {
      await long.close();
    }
  });
});

async function* pieceOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe('verifying a project', () => {
  it('finds all chains whole, those of the proxy’s days with the events of others', async () => {
    const { json } = await world.get('/projects/blue/audit/verify', 'ann');
    // A day of the proxy holds 5 events, of which 2 belong to the project.
    const own = (await exported()).length;
    expect(json).toEqual({ valid: true, streams: 6, events: own - 2 + 5 });
  });
});

describe('a store that someone has changed', () => {
  /** Changes rows behind the store's back. */
  const tamper = (sql: string, ...parameters: string[]): void => {
    const db = new DatabaseSync(world.databaseFile);
    expect(db.prepare(sql).run(...parameters).changes).toBe(1);
    db.close();
  };
  const verdict = async (name = 'green') => (await world.get(`/projects/${name}/audit/verify`)).json;
  let name: string;
  let scheduled: string;
  let made = 0;

  beforeEach(async () => {
    name = `green-${(made += 1)}`;
    await world.makeProject(name);
    for (const description of ['one', 'two']) {
      await world.append(project, streams.project(name), { type: 'UpdateProject', changes: { description } });
    }
    scheduled = streams.scheduledSession(await world.makeSchedule(name));
    for (const type of ['SuspendScheduledSession', 'ResumeScheduledSession'] as const) {
      await world.changeSchedule(scheduled.slice(scheduled.indexOf('-') + 1), { type });
    }
    await record({ project_id: name, operation_id: name }, { project_id: 'red', operation_id: `red ${name}` });
  });
  const day = (): string => streams.proxyAudit(instant(world.clock.now()).slice(0, 10));
  const WHERE = 'stream = (SELECT number FROM streams WHERE name = ?) AND';

  it('is found out by the content of an event', async () => {
    tamper(`UPDATE events SET data = replace(data, 'one', 'two') WHERE ${WHERE} revision = 1`, streams.project(name));
    expect(await verdict(name)).toMatchObject({
      valid: false,
      events: expect.any(Number),
      first_bad: { stream: `project-${name}`, revision: 1, problem: 'the content does not have the hash it claims' },
    });
    expect((await exported('', name)).length).toBe(7);
    expect(await verifyExport(await exported('', name))).toMatchObject({ valid: false, first_bad: { line: 2 } });
  });

  it.each([
    ['an event is gone', `DELETE FROM events WHERE ${WHERE} revision = 1`, 2, /revision 2 where 1 was due/],
    ['an event belongs to another now', `UPDATE events SET data = '{"project_id":"red"}' WHERE ${WHERE} revision = 1`, 1, /hash/],
    [
      'a first event belongs to another now',
      `UPDATE events SET data = '{"project_id":"red"}' WHERE ${WHERE} revision = 0`,
      1,
      /0 was due/,
    ],
    ['a text is not JSON any more', `UPDATE events SET data = '{' WHERE ${WHERE} revision = 2`, 2, /not JSON/],
    ['metadata are something else', `UPDATE events SET metadata = 'null' WHERE ${WHERE} revision = 2`, 2, /can't be hashed/],
  ])('is found out when %s', async (_, sql, revision, problem) => {
    tamper(sql, scheduled);
    expect(await verdict(name)).toMatchObject({
      valid: false,
      first_bad: { stream: scheduled, revision, problem: expect.stringMatching(problem) },
    });
  });

  it('is found out in a day of the proxy also by an event of another project', async () => {
    tamper(`UPDATE events SET data = replace(data, '404', '200') WHERE ${WHERE} data LIKE ?`, day(), `%"red ${name}"%`);
    expect(await verdict(name)).toMatchObject({ valid: false, first_bad: { stream: day() } });
  });
});

describe('the audit of a deleted project', () => {
  it('stays readable to its owner and to administrators', async () => {
    await world.makeProject('gone');
    await world.grant('ann', 'project:owner', 'gone');
    await world.append(project, streams.project('gone'), {
      type: 'DeleteProject',
      project_id: 'gone',
      active: { schedules: 0, sessions: 0 },
    });
    for (const user of ['ann', 'admin'] as const) {
      expect(typesOf((await world.get('/projects/gone/audit', user)).json)).toEqual([
        'ProjectCreated',
        'RoleGranted',
        'ProjectDeleted',
      ]);
      expect((await world.get('/projects/gone/audit/verify', user)).json).toEqual({ valid: true, streams: 2, events: 3 });
    }
    expect((await world.get('/projects/gone/audit', 'bob')).status).toBe(404);
    expect((await world.get('/projects/gone')).status).toBe(404);
  });
});

describe('days of the proxy’s audit that are not kept', () => {
  it('are left out whole, and the rest can be verified', async () => {
    const short = await World.open({ auditRetentionDays: 2 });
    try {
      await short.makeProject('blue');
      const journal = new ProxyAuditJournal(short.events, () => short.clock.now());
      const days: string[] = [];
      for (let n = 0; n < 4; n++) {
        const at = instant(short.clock.now());
        days.push(at.slice(0, 10));
        await journal.record(randomUUID(), [decision({ at, project_id: 'blue' }), decision({ at, project_id: 'red' })]);
        if (n < 3) short.clock.advance(86_400_000);
      }
      const { json } = await short.get('/projects/blue/audit');
      expect(json.items.map(({ stream }) => stream)).toEqual(['project-blue', ...days.slice(1).map(streams.proxyAudit)]);
      expect((await short.get('/projects/blue/audit/verify')).json).toEqual({ valid: true, streams: 4, events: 7 });
    } finally {
      await short.close();
    }
  });
});
