import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { matches, ProxyAuditBatch, streams, verifyChain, type ProxyDecision } from '#contracts';
import { EventStoreUnavailable, SqliteEventStore, type EventStore, type StreamWrite } from '#event-store';
import { asStored } from './codec.js';
import { ProxyAuditJournal } from './proxy-audit.js';

let folder: string;
let store: SqliteEventStore;
/** A day of its own for each test. */
let day: string;
let days = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proxy-audit-'));
  store = await SqliteEventStore.open({ path: join(folder, 'events.db') });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  day = new Date(Date.UTC(2026, 0, 1 + (days += 3))).toISOString().slice(0, 10);
});

const at = (time: string, on = day): string => `${on}T${time}Z`;
const noon = (): number => Date.parse(at('12:00:00.000'));

const decision = (fields: Partial<ProxyDecision> = {}): ProxyDecision => ({
  at: at('12:00:00.000'),
  user: 'ann',
  actor_kind: 'user',
  group: 'project configuration',
  method: 'GET',
  path_template: '/api/projects/{project_id}/keys',
  parameters: { project_id: 'blue' },
  project_id: 'blue',
  decision: 'allowed',
  rule: 'owner',
  status: 200,
  bytes_in: 0,
  bytes_out: 512,
  duration_ms: 7,
  upstream: 'backend',
  operation_id: 'operation',
  ...fields,
});
const some = (count: number, fields: Partial<ProxyDecision> = {}): ProxyDecision[] =>
  Array.from({ length: count }, (_, n) => decision({ operation_id: `operation-${n}`, ...fields }));

const aJournal = (on: EventStore = store, now = noon) => new ProxyAuditJournal(on, now);
const recorded = async (on = day) => (await store.readStream(streams.proxyAudit(on))).map(asStored);
const operations = async (on = day) => (await recorded(on)).map(({ payload }) => payload['operation_id']);

describe('a batch of decisions', () => {
  it('becomes one event a decision in the stream of its day, chained as all events are', async () => {
    await aJournal().record(randomUUID(), some(3));
    await aJournal().record(randomUUID(), some(2));
    const events = await recorded();
    expect(verifyChain(events)).toEqual({ valid: true, events: 5 });
    expect(events[0]).toMatchObject({
      type: 'ProxyRequestDecided',
      payload: { ...decision({ operation_id: 'operation-0' }) },
      metadata: { actor: { id: 'ann', kind: 'user' }, operation_id: 'operation-0', occurred_at: at('12:00:00.000') },
    });
  });

  it('that comes again is recorded once, also by another process and after others have written', async () => {
    const [journal, batch] = [aJournal(), randomUUID()];
    await journal.record(batch, some(3));
    await journal.record(batch, some(3));
    await aJournal().record(batch, some(3));
    await aJournal().record(randomUUID(), some(1200));
    await journal.record(batch, some(3));
    await aJournal().record(batch, some(3));
    expect(await recorded()).toHaveLength(1203);
  });

  it('whose answer was lost is recorded once when it is handed over again', async () => {
    const batch = randomUUID();
    const deaf = withAppend(async writes => {
      await store.append(writes);
      throw new EventStoreUnavailable('the answer was lost');
    });
    await expect(aJournal(deaf).record(batch, some(4))).rejects.toThrow('the answer was lost');
    const journal = aJournal();
    await journal.record(batch, some(4));
    await journal.record(randomUUID(), some(1));
    expect(verifyChain(await recorded())).toEqual({ valid: true, events: 5 });
  });

  it('that two processes record at the same moment is recorded once, and the chain goes on from what was stored', async () => {
    const batch = randomUUID();
    // Their clocks differ, so the events of the second would have other hashes.
    const [one, other] = [aJournal(), aJournal(store, () => noon() + 5)];
    await Promise.all([one.record(batch, some(5)), other.record(batch, some(5))]);
    await Promise.all([one.record(randomUUID(), some(1)), other.record(randomUUID(), some(1))]);
    expect(verifyChain(await recorded())).toEqual({ valid: true, events: 7 });
  });

  it('waits for those of other proxies: all are recorded, none twice, the chain whole', async () => {
    const proxies = Array.from({ length: 4 }, () => aJournal());
    const batches = proxies.flatMap((proxy, p) =>
      Array.from({ length: 10 }, (_, b) => proxy.record(randomUUID(), [decision({ operation_id: `${p}-${b}` })])),
    );
    await Promise.all(batches);
    expect(verifyChain(await recorded())).toEqual({ valid: true, events: 40 });
    expect(new Set(await operations()).size).toBe(40);
  });

  it('over midnight goes to both days, each once', async () => {
    const next = new Date(noon() + 86_400_000).toISOString().slice(0, 10);
    const batch = [decision({ at: at('23:59:59.999') }), decision({ at: at('00:00:00.000', next), operation_id: 'next day' })];
    const id = randomUUID();
    let calls = 0;
    const dying = withAppend(writes => {
      if (calls++ === 1) throw new EventStoreUnavailable('gone between two days');
      return store.append(writes);
    });
    await expect(aJournal(dying).record(id, batch)).rejects.toThrow('between');
    await aJournal().record(id, batch);
    expect([await operations(), await operations(next)]).toEqual([['operation'], ['next day']]);
  });

  it('goes on after one that could not be recorded', async () => {
    let fails = true;
    const journal = aJournal(
      withAppend(writes => {
        if (fails) throw new EventStoreUnavailable('full');
        return store.append(writes);
      }),
    );
    await expect(journal.record(randomUUID(), some(1))).rejects.toThrow('full');
    fails = false;
    await journal.record(randomUUID(), some(1));
    expect(await recorded()).toHaveLength(1);
  });
});

describe('a decision', () => {
  it('on a request of nobody is the proxy’s', async () => {
    const { user: _, actor_kind: __, ...nobody } = decision({ decision: 'denied', rule: 'authentication', status: 401 });
    await aJournal().record(randomUUID(), [nobody, { ...nobody, user: '' }]);
    expect((await recorded()).map(({ metadata }) => metadata.actor)).toEqual([
      { id: 'proxy', kind: 'service' },
      { id: 'proxy', kind: 'service' },
    ]);
  });

  it('can be recorded whatever the request said of itself', async () => {
    const hostile = ['', '..', '*.>', 'A B', '\ud800', '\u0000', '😀'.repeat(5000), 'blue\n'];
    const decisions = hostile.map(text =>
      decision({ project_id: text, user: text, method: text, parameters: { [text]: text }, operation_id: text }),
    );
    const odd = decision({ duration_ms: 0.3, bytes_in: -1, bytes_out: Number.NaN });
    await aJournal().record(randomUUID(), [...decisions, odd]);
    const events = await recorded();
    expect(verifyChain(events)).toEqual({ valid: true, events: hostile.length + 1 });
    expect(events.pop()!.payload).toMatchObject({ duration_ms: 0, bytes_in: 0, bytes_out: 0, project_id: 'blue' });
    expect(events.filter(({ payload }) => 'project_id' in payload)).toEqual([]);
    expect(Math.max(...events.map(({ payload }) => String(payload['method']).length))).toBeLessThanOrEqual(2048);
  });

  it('is recorded without anything that the event has no field for', async () => {
    const more = { ...decision(), query: 'token=secret', headers: { authorization: 'Bearer secret' } };
    expect(matches(ProxyAuditBatch, { batch_id: randomUUID(), decisions: [more] })).toBe(true);
    await aJournal().record(randomUUID(), [more]);
    expect(JSON.stringify(await store.readStream(streams.proxyAudit(day)))).not.toContain('secret');
  });
});

/** The store, with an append of its own. */
function withAppend(append: (writes: readonly StreamWrite[]) => ReturnType<EventStore['append']>): EventStore {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'append') return async (writes: readonly StreamWrite[]) => append(writes);
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
