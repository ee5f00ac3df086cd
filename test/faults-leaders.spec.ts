/** The leader of each lease is killed, or stopped past its lease and then continued: another takes over, and no harm is done. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Answer, Json } from './support/http.js';
import { Cluster, type Lease } from './support/cluster.js';
import { expectInvariants } from './support/invariants.js';
import { describeOnServers } from './support/on-servers.js';
import { owePastTicks } from './support/past-ticks.js';
import { allEvents } from './support/stores.js';
import { TestBed } from './support/system.js';
import { until } from './support/until.js';
import { Writers } from './support/writers.js';

/** From the specification: takeover after `kill -9` of the leader. */
const TAKEOVER_MS = 10_000;

describeOnServers('the leader of each lease', () => {
  const bed = new TestBed();
  let cluster: Cluster;
  let round = 0;

  beforeAll(async () => {
    cluster = await Cluster.start(await bed.dataDir());
  }, 180_000);
  afterAll(async () => {
    await cluster?.stop();
    await bed.clear();
  });

  /** Through the first proxy whose services are there. */
  async function ask(method: string, path: string, body?: unknown): Promise<Answer<Json>> {
    for (const client of cluster.clients) {
      const asked = client.request(method, path, { body, signal: AbortSignal.timeout(2000) });
      const answer = await asked.catch(() => undefined);
      if (answer && answer.status < 300) return answer;
    }
    throw new Error(`no proxy could ${method} ${path}`);
  }

  /** Resolves when the work of the lease shows. */
  const atWork: Readonly<Record<Lease, () => Promise<unknown>>> = {
    scheduler: () => cluster.plain.next('ambient.trigger.>'),
    'event-feed': () => cluster.plain.next('ambient.events.>'),
    projector: () =>
      until(async () => !(await ask('GET', '/projects')).headers.has('x-read-lag-events'), 20_000, 'lists are current'),
    runtime: async () => {
      const { body } = await until(
        () => ask('POST', '/sessions', { name: 'hello', prompt: 'hello' }),
        20_000,
        'a session is made',
      );
      await until(() => ask('POST', `/sessions/${body['id']}/start`), 20_000, 'it is started');
      await until(async () => (await ask('GET', `/sessions/${body['id']}`)).body['phase'] === 'Completed', 30_000, 'it has run');
    },
  };

  /** Clients write and ticks fall due meanwhile; then everything is checked. */
  async function underLoad(fault: () => Promise<void>): Promise<void> {
    round += 1;
    const project = `ticks-${round}`;
    const writers = new Writers(cluster.clients, `writes-${round}`);
    await writers.start(2);
    try {
      await owePastTicks(cluster.dataDir, { project, schedules: 1, ticks: 110, overlap: ['skip'] });
      await fault();
    } finally {
      await writers.stop();
    }
    writers.expectKept(await allEvents(cluster.dataDir));
    await expectInvariants(cluster.dataDir, cluster.plain, { project });
  }

  /** Milliseconds from now until another than this process leads, and until its work shows. */
  async function takeover(lease: Lease, from: number | undefined): Promise<{ leads: number; works: number }> {
    const started = performance.now();
    const next = async () => {
      const pid = await cluster.plain.leader(lease);
      return pid !== undefined && pid !== from;
    };
    await until(next, 30_000, `another process leads ${lease}`);
    const leads = performance.now() - started;
    await atWork[lease]();
    return { leads, works: performance.now() - started };
  }

  const leases = ['scheduler', 'event-feed', 'projector', 'runtime'] as const;

  it.each(leases)(
    '%s: killed, another leads within 10 s',
    async lease => {
      await underLoad(async () => {
        const leader = await cluster.leader(lease);
        const { pid } = leader;
        await leader.kill9();
        try {
          const { leads, works } = await takeover(lease, pid);
          console.log(`${lease}: another led after ${Math.round(leads)} ms, and had worked after ${Math.round(works)} ms`);
          expect(leads).toBeLessThan(TAKEOVER_MS);
        } finally {
          await leader.start();
        }
      });
    },
    240_000,
  );

  it.each(leases)(
    '%s: stopped past its lease and continued, it does no harm, and leads no more',
    async lease => {
      await underLoad(async () => {
        const leader = await cluster.leader(lease);
        leader.signal('SIGSTOP');
        try {
          expect((await takeover(lease, leader.pid)).leads).toBeLessThan(TAKEOVER_MS);
        } finally {
          leader.signal('SIGCONT');
        }
        await until(() => leader.output.includes(`the lease ${lease} is lost`), 30_000, 'it finds out that it leads no more');
        expect(await cluster.plain.leader(lease)).not.toBe(leader.pid);
      });
    },
    240_000,
  );
});
