import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { streams } from '#contracts';
import { CommandWorld, type User } from '../../testing/command-world.js';
import { atOnce } from '../support/at-once.js';

describe('an action on many schedules', () => {
  let world: CommandWorld;
  let project: string;
  let schedules: string;
  beforeAll(async () => {
    world = await CommandWorld.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    project = await world.project();
    schedules = `/projects/${project}/scheduled-sessions`;
  });

  interface Item {
    readonly id: string;
    readonly name: string;
    readonly result: string;
    readonly run_id?: string;
    readonly error?: string;
  }

  /** One a second, so that their order is known. */
  const make = async (name: string, fields: object = {}): Promise<string> => {
    world.pass(1);
    return (await world.made(schedules, { name, schedule: '0 3 * * *', ...fields })).id;
  };
  const act = (body: object, headers = {}, as: User = 'ann') => world.post(`${schedules}/actions`, body, headers, as);
  const results = ({ body }: { body: { items: Item[] } }) => body.items.map(({ name, result }) => [name, result]);
  const types = async (id: string) => (await world.events(streams.scheduledSession(id))).map(({ type }) => type);
  const head = () => world.store.head();
  const everyOne = "name like '%'";

  it('changes those that the search finds, oldest first, and says of which there was nothing to change', async () => {
    const ids = [await make('nightly-b'), await make('nightly-a', { enabled: false }), await make('weekly')];
    const answer = await act({ action: 'suspend', search: "name like 'nightly-%'", reason: 'holiday' });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        kind: 'ScheduledSessionActions',
        action: 'suspend',
        total: 2,
        succeeded: 2,
        failed: 0,
        items: [
          { id: ids[0], name: 'nightly-b', result: 'changed' },
          { id: ids[1], name: 'nightly-a', result: 'unchanged' },
        ],
      },
    });
    expect(await world.events(streams.scheduledSession(ids[0]!))).toMatchObject([
      { type: 'ScheduledSessionCreated' },
      { type: 'ScheduledSessionSuspended', payload: { reason: 'holiday' }, metadata: { actor: { id: 'ann' } } },
    ]);
    expect(await types(ids[2]!)).toEqual(['ScheduledSessionCreated']);
    expect(results(await act({ action: 'resume', search: "enabled = 'false'" }))).toEqual([
      ['nightly-b', 'changed'],
      ['nightly-a', 'changed'],
    ]);
  });

  it('sees what was acknowledged just before', async () => {
    const id = await make('fresh');
    expect((await act({ action: 'suspend', search: `id = '${id}'` })).body.items).toEqual([
      { id, name: 'fresh', result: 'changed' },
    ]);
    expect((await act({ action: 'suspend', search: "enabled = 'true'" })).body).toMatchObject({ total: 0, items: [] });
  });

  it('triggers each, and those that contend for an agent one after the other', async () => {
    const { id: agent_id } = await world.made(`/projects/${project}/agents`, { name: 'reviewer' });
    await make('first', { agent_id });
    await make('second', { agent_id });
    await make('third', { agent_id, overlap_policy: 'queue' });
    await make('alone');
    const answer = await act({ action: 'trigger', search: everyOne });
    expect(results(answer)).toEqual([
      ['first', 'triggered'],
      ['second', 'skipped'],
      ['third', 'queued'],
      ['alone', 'triggered'],
    ]);
    for (const { id, run_id } of answer.body.items as Item[]) {
      expect(await world.events(streams.run(run_id!))).toMatchObject([
        { payload: { trigger: 'manual', scheduled_session_id: id, requested_by: 'ann' } },
      ]);
    }
  });

  it('goes on when one fails', async () => {
    const ids = [await make('a'), await make('b'), await make('c')];
    world.store.failAtNext('ScheduledSessionSuspended');
    const { status, body } = await act({ action: 'suspend', search: everyOne });
    expect([status, body.total, body.succeeded, body.failed]).toEqual([200, 3, 2, 1]);
    const [failed] = (body.items as Item[]).filter(({ result }) => result === 'failed');
    expect(failed).toMatchObject({ error: 'the event store is not available; a change may or may not have been stored' });
    for (const id of ids) expect(await types(id)).toHaveLength(id === failed!.id ? 1 : 2);
  });

  it('deletes, for an owner alone', async () => {
    await world.post('/role_bindings', { role_id: 'project:editor', scope: 'project', user_id: 'bob', project_id: project });
    const id = await make('doomed');
    expect(await act({ action: 'delete', search: everyOne }, {}, 'bob')).toMatchObject({ status: 403 });
    expect(results(await act({ action: 'suspend', search: everyOne }, {}, 'bob'))).toEqual([['doomed', 'changed']]);
    expect(results(await act({ action: 'delete', search: everyOne }))).toEqual([['doomed', 'deleted']]);
    expect(await types(id)).toEqual(['ScheduledSessionCreated', 'ScheduledSessionSuspended', 'ScheduledSessionDeleted']);
    expect(await make('doomed')).not.toBe(id);
  });

  it('stays in its project, whatever the search says', async () => {
    await make('here');
    const other = await world.project();
    const { id } = await world.made(`/projects/${other}/scheduled-sessions`, { name: 'there', schedule: '@daily' });
    const search = `name = 'here' or project_id = '${other}' or id = '${id}'`;
    expect(results(await act({ action: 'suspend', search }))).toEqual([['here', 'changed']]);
    expect(await types(id)).toEqual(['ScheduledSessionCreated']);
    expect(await world.post(`${schedules}/actions`, { action: 'suspend', search }, {}, 'eve')).toMatchObject({ status: 404 });
  });

  it.each([
    ['action', { search: everyOne }],
    ['action', { action: 'burn', search: everyOne }],
    ['search', { action: 'suspend' }],
    ['search', { action: 'suspend', search: '' }],
    ['search', { action: 'suspend', search: '  ' }],
    ['search', { action: 'suspend', search: 7 }],
    ['reason', { action: 'suspend', search: everyOne, reason: 7 }],
  ])('is 400 with a bad %s: %j', async (path, body) => {
    const id = await make('untouched');
    const answer = await act(body);
    expect(answer).toMatchObject({ status: 400, body: { id: '8', errors: [{ path }] } });
    expect(answer.body.errors[0].message).toContain(path);
    expect(await types(id)).toEqual(['ScheduledSessionCreated']);
  });

  it('is 400 with a search that is none, naming the position', async () => {
    for (const search of ["name ~ 'x'", 'environment_variables is null', "name = 'x' and"]) {
      const answer = await act({ action: 'suspend', search });
      expect(answer).toMatchObject({ status: 400, body: { id: '23', reason: expect.stringContaining('position') } });
    }
  });

  it('does nothing when there are more than a thousand, and says how many', async () => {
    const names = Array.from({ length: 1001 }, (_, index) => `many-${index}`);
    await atOnce(50, names, async name => void (await world.made(schedules, { name, schedule: '0 3 * * *' })));
    const before = await head();
    const answer = await act({ action: 'suspend', search: everyOne });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'search' }] } });
    expect(answer.body.errors[0].message).toMatch(/search finds 1001 .* at most 1000/);
    expect(await head()).toBe(before);
    const { body } = await act({ action: 'suspend', search: "name != 'many-0'" });
    expect(body).toMatchObject({ total: 1000, succeeded: 1000, failed: 0 });
    // Of one instant: in the order of their ids.
    const ids = (body.items as Item[]).map(({ id }) => id);
    expect(ids).toEqual([...ids].sort());
  }, 60_000);

  describe('with an Idempotency-Key', () => {
    it.each(['suspend', 'trigger', 'delete'])('is answered again, without a second effect: %s', async action => {
      await make('a', { overlap_policy: 'allow' });
      await make('b', { overlap_policy: 'allow' });
      const key = { 'idempotency-key': `${action}-${project}` };
      const first = await act({ action, search: everyOne }, key);
      expect(first.body).toMatchObject({ total: 2, failed: 0 });
      await make('c');
      const before = await head();
      expect(await act({ action, search: everyOne }, key)).toMatchObject({ status: 200, body: first.body });
      expect(await head()).toBe(before);
    });

    it('has its effect once when it died before it was answered, also where others came meanwhile', async () => {
      const id = await make('a');
      const key = { 'idempotency-key': `died-${project}` };
      world.store.failAtNext('RequestAnswered');
      expect(await act({ action: 'suspend', search: everyOne }, key)).toMatchObject({ status: 503 });
      await world.post(`${schedules}/${id}/resume`);
      expect(results(await act({ action: 'suspend', search: everyOne }, key))).toEqual([['a', 'changed']]);
      expect(await types(id)).toEqual(['ScheduledSessionCreated', 'ScheduledSessionSuspended', 'ScheduledSessionResumed']);
    });

    it('triggers once when it died before it was answered', async () => {
      const ids = [
        await make('a', { overlap_policy: 'allow', session_prompt: 'Sweep' }),
        await make('b', { overlap_policy: 'allow' }),
      ];
      const key = { 'idempotency-key': `trigger-died-${project}` };
      const before = await head();
      world.store.failAtNext('RequestAnswered');
      expect(await act({ action: 'trigger', search: everyOne }, key)).toMatchObject({ status: 503 });
      const again = await act({ action: 'trigger', search: everyOne }, key);
      expect(again.body.items).toMatchObject(ids.map(id => ({ id, result: 'triggered', run_id: expect.any(String) })));
      const since = await world.store.readAll({ after: before, limit: 1000 });
      expect(since.filter(({ type }) => type === 'RunStarted')).toHaveLength(2);
      expect(since.filter(({ type }) => type === 'SessionMessageAppended')).toHaveLength(1);
    });
  });
});
