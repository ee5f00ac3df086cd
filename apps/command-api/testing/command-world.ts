/** A command API over real engines in a temporary folder, with a projector beside it and a clock that a test sets. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createAuthenticator, createSealer, type StaticToken } from '#access';
import { systemClock as busClock } from '#bus';
import { until } from '#bus/testing';
import { BASE_PATH, runIdOf, streams, triggerSubject, type DomainEvent, type Occurred, type TriggerRequested } from '#contracts';
import { SqliteEventStore } from '#event-store';
import { Journal } from '#journal';
import { COLLECTIONS, Projector, ReadBarrier } from '#projections';
import { SqliteReadStore } from '#read-store';
import { createLog, instant } from '#service';
import { createCommandApi } from '../src/command-api.module.js';
import { Housekeeping } from '../src/housekeeping/housekeeping.js';
import { FailingEventStore } from './failing-event-store.js';
import { ObservedBus } from './observed-bus.js';

const TOKENS: readonly StaticToken[] = [
  { token: 'token-admin', principal: { id: 'admin', kind: 'user', roles: ['platform:admin'] } },
  { token: 'token-runtime', principal: { id: 'runtime', kind: 'runtime', roles: ['runtime'] } },
  { token: 'token-proxy', principal: { id: 'proxy', kind: 'service', roles: [] } },
  ...['ann', 'bob', 'eve'].map(id => ({ token: `token-${id}`, principal: { id, kind: 'user', roles: [] } as const })),
];
export type User = 'admin' | 'runtime' | 'proxy' | 'ann' | 'bob' | 'eve';

export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- what a test expects of an answer is the test's to say
  readonly body: any;
  readonly etag: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
}

type Headers = Readonly<Record<string, string>>;

export class CommandWorld {
  private time = Date.parse('2026-03-01T09:00:00Z');
  private readonly stopped = new AbortController();
  private projecting: Promise<void> = Promise.resolve();
  private projects = 0;
  /** Names of the leases that this process would lead. What they are for is done when a test asks for it. */
  readonly leads: string[] = [];
  private app!: NestFastifyApplication;

  private constructor(
    private readonly folder: string,
    readonly store: FailingEventStore,
    private readonly reads: SqliteReadStore,
    private readonly bus: ObservedBus,
  ) {}

  static async open(): Promise<CommandWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'command-api-'));
    const store = new FailingEventStore(await SqliteEventStore.open({ path: join(folder, 'events.db') }));
    const reads = await SqliteReadStore.open({ path: join(folder, 'reads.db'), collections: COLLECTIONS });
    const world = new CommandWorld(folder, store, reads, new ObservedBus());
    const barrier = new ReadBarrier(store, reads, busClock);
    const projector = new Projector(store, reads.live, { poison: 'stop', onProgress: position => barrier.progress(position) });
    world.projecting = projector.run(world.stopped.signal);
    world.app = await createCommandApi({
      eventStore: store,
      readStore: reads,
      barrier,
      bus: world.bus,
      leases: { lead: (name, _work, stop) => world.standBy(name, stop) },
      authenticator: createAuthenticator({ staticTokens: TOKENS, trustForwardedToken: false, now: () => world.time }),
      sealer: createSealer(randomBytes(32)),
      clock: { now: () => world.time },
      log: createLog(process.env['TEST_LOG'] ?? 'silent'),
      readiness: [],
    });
    await world.app.init();
    await world.app.getHttpAdapter().getInstance().ready();
    return world;
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.bus.close();
    this.stopped.abort();
    await this.projecting;
    await this.reads.close();
    await this.store.close();
    await rm(this.folder, { recursive: true });
  }

  get now(): string {
    return instant(this.time);
  }

  /** Lets time pass. @param seconds may be a fraction */
  pass(seconds: number): void {
    this.time += seconds * 1000;
  }

  async call(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    { as = 'ann', body, headers }: { as?: User; body?: unknown; headers?: Headers } = {},
  ): Promise<Answer> {
    const response = await this.app.inject({
      method,
      url: path.startsWith('//') ? path.slice(1) : BASE_PATH + path,
      headers: {
        authorization: `Bearer token-${as}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const etag = response.headers['etag'];
    return {
      status: response.statusCode,
      body: response.body === '' ? undefined : JSON.parse(response.body),
      etag: typeof etag === 'string' ? etag : undefined,
      headers: response.headers,
    };
  }

  post(path: string, body?: unknown, headers: Headers = {}, as: User = 'ann'): Promise<Answer> {
    return this.call('POST', path, { as, body, headers });
  }

  patch(path: string, body: unknown, headers: Headers = {}, as: User = 'ann'): Promise<Answer> {
    return this.call('PATCH', path, { as, body, headers });
  }

  delete(path: string, headers: Headers = {}, as: User = 'ann'): Promise<Answer> {
    return this.call('DELETE', path, { as, headers });
  }

  /** A new project of ann's. @returns its name */
  async project(): Promise<string> {
    const name = `project-${(this.projects += 1)}`;
    const { status, body } = await this.post('/projects', { name });
    if (status !== 201) throw new Error(`no project: ${JSON.stringify(body)}`);
    return name;
  }

  /** What a creation answered, which has to succeed. */
  async made(path: string, fields: object) {
    const { status, body } = await this.post(path, fields);
    if (status !== 201) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    return body as { readonly id: string } & Readonly<Record<string, unknown>>;
  }

  report(sessionId: string, status: object): Promise<Answer> {
    return this.patch(`/sessions/${sessionId}/status`, status, {}, 'runtime');
  }

  /** Events of a stream, oldest first. */
  async events(stream: string): Promise<Occurred[]> {
    return new Journal(this.store).events(stream);
  }

  /** Types and payloads of a run's events. */
  async runOf(scheduleId: string, tick: string): Promise<DomainEvent[]> {
    return (await this.events(streams.run(runIdOf(scheduleId, tick)))).map(
      ({ type, payload }) => ({ type, payload }) as DomainEvent,
    );
  }

  /** The scheduler asks for a tick; resolves when the request was handled. */
  async request(
    message: Partial<TriggerRequested> & Pick<TriggerRequested, 'scheduled_session_id' | 'project_id' | 'scheduled_for'>,
  ): Promise<void> {
    const { handled } = this.bus;
    const request = { trigger: 'schedule', requested_at: this.now, ...message } as const;
    await this.bus.publish({ subject: triggerSubject(request), id: randomUUID(), data: JSON.stringify(request) });
    await until(() => this.bus.handled > handled);
    if (this.bus.failure) throw this.bus.failure;
  }

  private async standBy(name: string, stop: AbortSignal): Promise<void> {
    this.leads.push(name);
    await new Promise(resolve => stop.addEventListener('abort', resolve, { once: true }));
  }

  /** One pass of housekeeping; all of it has to succeed. */
  async keepHouse(): Promise<void> {
    const failed = await this.app.get(Housekeeping).pass(this.stopped.signal);
    if (failed.length > 0) throw new Error(`housekeeping failed at ${failed.join(', ')}`);
  }

  /** Waits until the bus has delivered again what was not handled. */
  async redelivery(): Promise<void> {
    const { handled } = this.bus;
    await until(() => this.bus.handled > handled);
    if (this.bus.failure) throw this.bus.failure;
  }

  /** Every byte that the event store has written. */
  async storedBytes(): Promise<string> {
    const files = ['events.db', 'events.db-wal'].map(name => readFile(join(this.folder, name), 'latin1').catch(() => ''));
    return (await Promise.all(files)).join('');
  }
}
