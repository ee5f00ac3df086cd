/** The read store is emptied while reads go on: no read is answered with what is not so, and the documents come back by themselves. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { ListOf, Answer, Json } from './support/http.js';
import { Cluster } from './support/cluster.js';
import { expectInvariants } from './support/invariants.js';
import { describeOnServers } from './support/on-servers.js';
import { TestBed } from './support/system.js';
import { until } from './support/until.js';

const SCHEDULES = 50;
const LIST = `/projects/lists/scheduled-sessions?size=${SCHEDULES}`;

describeOnServers('a read store that is emptied', () => {
  const bed = new TestBed();
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start(await bed.dataDir());
    const [client] = cluster.clients;
    await client!.post('/projects', { name: 'lists' });
    for (let n = 1; n <= SCHEDULES; n++)
      await client!.post('/projects/lists/scheduled-sessions', { name: `schedule-${n}`, schedule: '0 0 1 1 *' });
  }, 180_000);
  afterAll(async () => {
    await cluster?.stop();
    await bed.clear();
  });

  let writes = 0;
  const write = () => cluster.clients[0]!.patch('/projects/lists', { description: `${++writes}` });
  const drop = async (): Promise<void> => {
    const client = await MongoClient.connect(cluster.servers.settings['READ_STORE_URL']!);
    await client.db().dropDatabase();
    await client.close();
  };
  const lists = (): Promise<Answer<ListOf<Json>>[]> =>
    Promise.all(cluster.clients.map(client => client.request<ListOf<Json>>('GET', LIST)));
  /** All of it, or it says that it lacks something, or when to come again. */
  const isHonest = ({ status, headers, body }: Answer<ListOf<Json>>): boolean =>
    status === 200 ? body.total === SCHEDULES || headers.has('x-read-lag-events') : status === 503 && headers.has('retry-after');
  const described = ({ status, headers, body }: Answer<ListOf<Json>>) =>
    `${status}, lag ${headers.get('x-read-lag-events')}, ${body.total} of ${SCHEDULES}`;

  it.each(['while nothing is written', 'while something is written'])(
    'is complete again by itself, and no list lies meanwhile: %s',
    async when => {
      await write();
      await until(async () => (await lists()).every(({ body }) => body.total === SCHEDULES), 60_000, 'the lists are complete');
      await drop();
      const lies: string[] = [];
      const complete = async (): Promise<boolean> => {
        if (when === 'while something is written') await write();
        const answers = await lists();
        for (const answer of answers) if (!isHonest(answer)) lies.push(described(answer));
        return answers.every(({ body }) => body.total === SCHEDULES);
      };
      try {
        await until(complete, 45_000, 'the lists are complete again');
      } finally {
        expect([...new Set(lies)]).toEqual([]);
      }
      await expectInvariants(cluster.dataDir, cluster.plain);
    },
    150_000,
  );
});
