import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streams, verifyChain, type AgentChanges } from '#contracts';
import { agent, type AgentCommand } from '#domain';
import { SqliteEventStore, WrongExpectedRevision } from '#event-store';
import { asStored, EMPTY_TAIL, type Cause } from './codec.js';
import { followedBy, Journal, PreconditionFailed, Rejected, retrying, type Plan } from './journal.js';

const causeAt = (occurred_at: string): Cause => ({
  actor: { id: 'ada', kind: 'user' },
  occurred_at,
  correlation_id: 'correlation',
  causation_id: 'causation',
});
const cause = causeAt('2026-01-31T09:00:00.000Z');
const create: AgentCommand = { type: 'CreateAgent', project_id: 'blue', owner_user_id: 'ada', fields: { name: 'reviewer' } };
const update = (changes: AgentChanges): AgentCommand => ({ type: 'UpdateAgent', changes });

let folder: string;
let store: SqliteEventStore;
let journal: Journal;
/** Another process on the same store. */
let other: Journal;
let stream: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
  store = await SqliteEventStore.open({ path: join(folder, 'events.db') });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  journal = new Journal(store);
  other = new Journal(store);
  stream = streams.agent(randomUUID());
});

const planned = (command: AgentCommand, on = journal, where = stream) => on.plan(agent, where, command, cause);
const does = async (command: AgentCommand, on = journal): Promise<void> => on.commit(await planned(command, on));
const valueOf = async (on = journal) => {
  const { state } = await on.load(agent, stream);
  if (state.status !== 'present') throw new Error(`the agent is ${state.status}`);
  return state.value;
};
const typesIn = async (where: string): Promise<string[]> => (await store.readStream(where)).map(({ type }) => type);
const verdictOf = async (where: string) => verifyChain((await store.readStream(where)).map(asStored));

describe('loading', () => {
  it('gives the first state where there is no stream', async () => {
    expect(await journal.load(agent, stream)).toEqual({ state: agent.initial, tail: EMPTY_TAIL });
  });

  it('folds what is in the store, for any journal', async () => {
    await does(create);
    await does(update({ prompt: 'Look.' }));
    expect(await valueOf(other)).toMatchObject({ name: 'reviewer', prompt: 'Look.' });
    expect((await other.load(agent, stream)).tail).toEqual((await journal.load(agent, stream)).tail);
  });

  it('sees what another writer appended behind its back, by reading only that', async () => {
    await does(create);
    await valueOf();
    await does(update({ prompt: 'theirs' }), other);
    const reads = jest.spyOn(store, 'readStream');
    expect(await valueOf()).toMatchObject({ prompt: 'theirs' });
    expect(reads.mock.calls).toEqual([[stream, { from: 1 }]]);
    reads.mockRestore();
  });
});

describe('planning', () => {
  it('appends nothing by itself', async () => {
    const plan = await planned(create);
    expect(plan).toMatchObject({ stream, expected: -1, tail: { revision: 0 }, state: { status: 'present' } });
    expect(await typesIn(stream)).toEqual([]);
  });

  it('shows the state that its events lead to: the one that is loaded after the commit', async () => {
    const plan = await planned(create);
    await journal.commit(plan);
    expect(await journal.load(agent, stream)).toEqual({ state: plan.state, tail: plan.tail });
    expect(await other.load(agent, stream)).toEqual({ state: plan.state, tail: plan.tail });
  });

  it('throws what the decider refuses, with its message', async () => {
    await expect(planned(update({ prompt: 'x' }))).rejects.toThrow(
      new Rejected({ rejected: 'not_found', message: 'there is no such agent' }),
    );
    const invalid = new Rejected({
      rejected: 'invalid',
      errors: [
        { path: 'a', message: 'a is bad' },
        { path: 'b', message: 'b too' },
      ],
    });
    expect(invalid.message).toBe('a is bad; b too');
  });

  it('refuses when the resource is not at the revision that the caller named', async () => {
    await does(create);
    await does(update({ prompt: 'x' }));
    const at = (ifMatch: number) => journal.plan(agent, stream, update({ prompt: 'y' }), cause, { ifMatch });
    await expect(at(0)).rejects.toThrow(new PreconditionFailed(0, 1));
    await expect(at(2)).rejects.toThrow('the resource is at revision 1, not 2');
    await journal.commit(await at(1));
    expect(await valueOf()).toMatchObject({ prompt: 'y' });
  });

  it('takes the ids of events from their cause', async () => {
    const id = randomUUID();
    const plan = await journal.plan(agent, stream, create, cause, {
      eventId: ({ type }, index) => `${id.slice(0, -1)}${type.length % 10 === 2 ? index : 'f'}`,
    });
    expect(plan.encoded.map(({ event, metadata }) => [event.id, metadata.event_id])).toEqual([
      [`${id.slice(0, -1)}0`, `${id.slice(0, -1)}0`],
    ]);
  });

  it('refuses events that their schema refuses, before anything is stored', async () => {
    const broken = { ...create, fields: { name: '' } } as AgentCommand;
    await expect(planned(broken)).rejects.toThrow(TypeError);
  });
});

describe('committing', () => {
  it('lets one of two that decided on the same state through', async () => {
    await does(create);
    const [mine, theirs] = [await planned(update({ prompt: 'mine' })), await planned(update({ prompt: 'theirs' }), other)];
    await journal.commit(mine);
    await expect(other.commit(theirs)).rejects.toThrow(WrongExpectedRevision);
    expect(await valueOf(other)).toMatchObject({ prompt: 'mine' });
  });

  it('lets one of two that create the same thing through', async () => {
    const [mine, theirs] = [await planned(create), await planned(create, other)];
    const results = await Promise.allSettled([journal.commit(mine), other.commit(theirs)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await typesIn(stream)).toEqual(['AgentCreated']);
  });

  it('does nothing for plans without events', async () => {
    await does(create);
    const append = jest.spyOn(store, 'append');
    await does(create);
    expect(append).not.toHaveBeenCalled();
    append.mockRestore();
  });

  it('appends in the order of the plans', async () => {
    const names = Array.from({ length: 3 }, () => streams.agent(randomUUID()));
    await journal.commit(...(await Promise.all(names.map(name => planned(create, journal, name)))));
    const positions = await Promise.all(names.map(async name => (await store.readStream(name))[0]!.position));
    expect(positions).toEqual([...positions].sort());
  });

  it('stops at the first plan whose stream has moved on', async () => {
    const [before, after] = [streams.agent(randomUUID()), streams.agent(randomUUID())];
    const plans: Plan[] = [await planned(create, journal, before), await planned(create), await planned(create, journal, after)];
    await does(create, other);
    await expect(journal.commit(...plans)).rejects.toThrow(WrongExpectedRevision);
    expect([await typesIn(before), await typesIn(after)]).toEqual([['AgentCreated'], []]);
    expect((await journal.load(agent, after)).state).toEqual(agent.initial);
  });

  it('joins two plans for one stream into one append', async () => {
    const created = await planned(create);
    const updated = journal.planOn(agent, stream, created, update({ prompt: 'Look.' }), cause);
    const both = followedBy(created, updated);
    expect(both).toMatchObject({ expected: -1, tail: { revision: 1 } });
    await journal.commit(both);
    expect((await journal.events(stream)).map(({ type, revision }) => [type, revision])).toEqual([
      ['AgentCreated', 0],
      ['AgentUpdated', 1],
    ]);
    expect(await valueOf()).toMatchObject({ prompt: 'Look.' });
    expect(await verdictOf(stream)).toEqual({ valid: true, events: 2 });
  });

  it('keeps the chain whole when the store knew the events already, stored by another with another time', async () => {
    const eventId = (
      (id: string) => () =>
        id
    )(randomUUID());
    const first = await journal.plan(agent, stream, create, cause, { eventId });
    const again = await other.plan(agent, stream, create, causeAt('2026-01-31T09:00:01.000Z'), { eventId });
    await journal.commit(first);
    await other.commit(again);
    expect(await typesIn(stream)).toEqual(['AgentCreated']);
    expect(await valueOf(other)).toMatchObject({ created_at: cause.occurred_at });
    await does(update({ prompt: 'after' }), other);
    expect(await verdictOf(stream)).toEqual({ valid: true, events: 2 });
  });
});

describe('retrying', () => {
  it('decides again, so that two patches of different fields both hold', async () => {
    await does(create);
    const patch = (changes: AgentChanges, on: Journal) => retrying(() => does(update(changes), on));
    await Promise.all([
      patch({ prompt: 'mine' }, journal),
      patch({ description: 'theirs' }, other),
      patch({ display_name: 'too' }, new Journal(store)),
    ]);
    expect(await valueOf()).toMatchObject({ prompt: 'mine', description: 'theirs', display_name: 'too' });
    expect(await verdictOf(stream)).toEqual({ valid: true, events: 4 });
  });

  it('gives up after so many attempts', async () => {
    let attempts = 0;
    const conflict = new WrongExpectedRevision('agent-x', 0, 1, 0);
    const always = async (): Promise<never> => {
      attempts += 1;
      throw conflict;
    };
    await expect(retrying(always, 3)).rejects.toBe(conflict);
    expect(attempts).toBe(3);
  });

  it('lets any other error through at once', async () => {
    let attempts = 0;
    const refused = new PreconditionFailed(0, 1);
    const refuse = async (): Promise<never> => {
      attempts += 1;
      throw refused;
    };
    await expect(retrying(refuse)).rejects.toBe(refused);
    expect(attempts).toBe(1);
  });

  it('answers what the attempt answers', async () => {
    await expect(retrying(async () => 7)).resolves.toBe(7);
  });
});
