import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { RECORD_PROXY_AUDIT, ROUTES, streams, type ProxyDecision } from '#contracts';
import { CommandWorld, type User } from '../../testing/command-world.js';

let world: CommandWorld;
beforeAll(async () => {
  world = await CommandWorld.open();
});
afterAll(() => world.close());

const decision = (fields: object = {}): ProxyDecision => ({
  at: '2026-03-01T09:00:00.000Z',
  method: 'GET',
  parameters: {},
  decision: 'denied',
  rule: 'no route',
  status: 404,
  bytes_in: 0,
  bytes_out: 10,
  duration_ms: 0,
  operation_id: 'operation',
  ...fields,
});
const hand = (body: unknown, as: User = 'proxy') => world.call('POST', RECORD_PROXY_AUDIT.path, { as, body });
const recorded = () => world.events(streams.proxyAudit('2026-03-01'));

describe('handing over what a proxy decided', () => {
  it('is for services alone, administrators and the runtime are none', async () => {
    const batch = { batch_id: randomUUID(), decisions: [decision()] };
    for (const user of ['ann', 'admin', 'runtime'] as const) expect((await hand(batch, user)).status).toBe(403);
    expect((await hand(batch, 'stranger' as User)).status).toBe(401);
    expect(await recorded()).toEqual([]);
  });

  it('does not pass the door: it is no row of the route table', () => {
    expect(ROUTES.map(({ path }) => path)).not.toContain(RECORD_PROXY_AUDIT.path);
  });

  it('records a batch once, however often it comes', async () => {
    const batch = { batch_id: randomUUID(), decisions: [decision(), decision({ user: 'ann', actor_kind: 'user' })] };
    for (let n = 0; n < 3; n++) expect((await hand(batch)).status).toBe(204);
    expect((await recorded()).map(({ metadata }) => metadata.actor.id)).toEqual(['proxy', 'ann']);
  });

  it('survives an append whose answer is lost', async () => {
    const before = (await recorded()).length;
    const batch = { batch_id: randomUUID(), decisions: [decision()] };
    world.store.dieAfter('ProxyRequestDecided');
    expect((await hand(batch)).status).toBe(503);
    expect((await hand(batch)).status).toBe(204);
    expect(await recorded()).toHaveLength(before + 1);
  });

  it('takes text that is not well-formed: nothing may pass unrecorded', async () => {
    const text = String.raw`{"batch_id":"${randomUUID()}","decisions":[${JSON.stringify(decision()).replace('no route', String.raw`\ud800`)}]}`;
    expect((await hand(text)).status).toBe(204);
    expect((await recorded()).at(-1)!.payload).toMatchObject({ rule: '\ufffd' });
  });

  it.each([
    ['batch_id', { batch_id: 'mine', decisions: [decision()] }],
    ['decisions', { batch_id: randomUUID(), decisions: [] }],
    ['decisions', { batch_id: randomUUID(), decisions: Array.from({ length: 1001 }, () => decision()) }],
    ['decisions.0.status', { batch_id: randomUUID(), decisions: [decision({ status: 'fine' })] }],
    ['decisions.0.at', { batch_id: randomUUID(), decisions: [decision({ at: 'now' })] }],
  ])('refuses a batch with a bad %s by name', async (path, body) => {
    const { status, body: answer } = await hand(body);
    expect([status, answer.errors]).toEqual([400, expect.arrayContaining([expect.objectContaining({ path })])]);
  });
});
