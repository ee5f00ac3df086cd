/** What another service hears: a plain NATS client that uses nothing of this project gets every event of a thousand. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithEngine } from '#testing';
import { brokerOf, type Broker } from './support/broker.js';
import type { Json } from './support/http.js';
import { expectInvariants } from './support/invariants.js';
import type { PlainMessage } from './support/plain-nats.js';
import { TestBed, type System } from './support/system.js';
import { until } from './support/until.js';

const EVENTS = 1000;
const PROJECTS = ['feed-a', 'feed-b'];

describeWithEngine('nats', 'the event feed', () => {
  const bed = new TestBed();
  const received: PlainMessage[] = [];
  let dataDir: string;
  let broker: Broker;
  let system: System;

  beforeAll(async () => {
    dataDir = await bed.dataDir();
    broker = await brokerOf(dataDir);
    system = await bed.start(dataDir, { NATS_URL: broker.server.url });
    await until(
      async () => (await broker.plain.count('AMBIENT_EVENTS')) > 0 || askForSomething(system),
      60_000,
      'the stream is there',
    );
    void listen(broker, received);
  }, 120_000);
  afterAll(async () => {
    await bed.clear();
    await broker.stop();
  });

  it(`brings ${EVENTS} events of a run through the API to a plain NATS client, in order within each aggregate`, async () => {
    for (let round = 1; received.length < EVENTS; round++)
      await Promise.all(PROJECTS.map(project => work(system, project, round)));
    const log = await expectInvariants(dataDir, broker.plain);
    await until(() => received.length >= log.length, 60_000, 'everything is received');
    expect(log.length).toBeGreaterThanOrEqual(EVENTS);

    const events = received.slice(0, log.length).map(described);
    const written = log.map(({ id, stream, type, data }) => ({ id, stream, type, body: JSON.parse(data) as Json }));
    const byAggregate = <T extends { stream: string }>(all: readonly T[]) =>
      Object.fromEntries(Map.groupBy(all, ({ stream }) => stream));
    expect(byAggregate(events.map(({ id, stream, type, body }) => ({ id, stream, type, body })))).toEqual(byAggregate(written));
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map(({ sequence }) => sequence).sort());
    expect(new Set(events.map(({ id }) => id)).size).toBe(log.length);
  }, 180_000);

  it('names each event in its subject and its headers, as CloudEvents in binary mode do', () => {
    expect(received.length).toBeGreaterThanOrEqual(EVENTS);
    for (const { subject, headers, body } of received) {
      const { project_id = '_' } = JSON.parse(new TextDecoder().decode(body)) as Json;
      const [category, type] = subject.split('.').slice(-2);
      expect(subject).toBe(`ambient.events.${project_id}.${category}.${type}`);
      expect(headers).toMatchObject({
        'ce-specversion': '1.0',
        'ce-source': '/ambient/events',
        'ce-type': expect.stringMatching(new RegExp(`^ambient\\.${category}\\.${type}\\.v\\d+$`)),
        'ce-time': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        'ce-id': expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        'ce-subject': expect.stringMatching(/./),
        'ce-sequence': expect.stringMatching(/./),
        'content-type': 'application/json',
        'Nats-Msg-Id': headers['ce-id'],
      });
    }
  });
});

/** An event, from what a message says of it. */
function described({ subject, headers, body }: PlainMessage) {
  const [category, type] = subject.split('.').slice(-2);
  const id = decodeURIComponent(headers['ce-subject']!);
  return {
    id: headers['ce-id']!,
    stream: `${category}-${id}`,
    type: type!,
    sequence: decodeURIComponent(headers['ce-sequence']!),
    body: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as Json,
  };
}

async function listen({ plain }: Broker, received: PlainMessage[]): Promise<void> {
  for await (const message of plain.consume('AMBIENT_EVENTS')) received.push(message);
}

/** The stream is made with the first event. */
async function askForSomething({ api }: System): Promise<boolean> {
  for (const name of PROJECTS) await api.request('POST', '/projects', { body: { name } });
  return false;
}

/** A bit of everything: some 50 events. */
async function work({ api }: System, project: string, round: number): Promise<void> {
  const at = `/projects/${project}`;
  const [agent, schedule, talk] = await Promise.all([
    api.post(`${at}/agents`, { name: `agent-${round}`, prompt: 'Grüße, 世界 🌍' }),
    api.post(`${at}/scheduled-sessions`, { name: `schedule-${round}`, schedule: '0 0 1 1 *', session_prompt: 'what is up?' }),
    api.post('/sessions', { name: `talk-${round}`, project_id: project }),
  ]);
  await Promise.all([
    api.patch(`${at}/agents/${agent['id']}`, { description: 'zwölf Boxkämpfer' }),
    api.post(`${at}/agents/${agent['id']}/start`, { prompt: 'hello' }, 200),
    api.post(`${at}/scheduled-sessions/${schedule['id']}/trigger`, undefined, 200),
    ...Array.from({ length: 20 }, (_, n) => api.post(`/sessions/${talk['id']}/messages`, { payload: `message ${n}` })),
  ]);
}
