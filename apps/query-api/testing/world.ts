/** A query API over real engines in a temporary folder: events go in through the domain's deciders, and are projected when a test says so. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { randomBytes, randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { createAuthenticator, createSealer, type StaticToken } from '#access';
import { ManualClock } from '#bus/testing';
import { ksuid, streams, type DomainEvent, type RoleId } from '#contracts';
import {
  access,
  agent,
  messages,
  project,
  run,
  scheduledSession,
  session,
  type Decider,
  type RunCommand,
  type ScheduledSessionCommand,
  type SessionCommand,
} from '#domain';
import { SqliteEventStore } from '#event-store';
import { Journal } from '#journal';
import { COLLECTIONS, Projector, ReadBarrier } from '#projections';
import { SqliteReadStore } from '#read-store';
import { instant } from '#service';
import { createQueryApi } from '../src/query-api.module.js';
import type { Body } from './body.js';

const BASE = '/api/ambient/v1';

const TOKENS: readonly StaticToken[] = [
  { token: 'token-admin', principal: { id: 'admin', kind: 'user', roles: ['platform:admin'] } },
  { token: 'token-watcher', principal: { id: 'watcher', kind: 'user', roles: ['platform:viewer'] } },
  { token: 'token-runtime', principal: { id: 'runtime', kind: 'runtime', roles: ['runtime'] } },
  { token: 'token-proxy', principal: { id: 'proxy', kind: 'service', roles: [] } },
  ...['ann', 'bob', 'eve', 'vic'].map(id => ({ token: `token-${id}`, principal: { id, kind: 'user', roles: [] } as const })),
];

export type User = 'admin' | 'watcher' | 'runtime' | 'proxy' | 'ann' | 'bob' | 'eve' | 'vic';

type ScheduleFields = Partial<Extract<ScheduledSessionCommand, { type: 'CreateScheduledSession' }>['fields']>;
type SessionCreation = Extract<SessionCommand, { type: 'CreateSession' }>;
type RunDecision = Extract<RunCommand, { type: 'DecideRun' }>;

export class World {
  readonly clock = new ManualClock(Date.parse('2026-03-01T09:00:00Z'));
  readonly journal: Journal;
  readonly sealer = createSealer(randomBytes(32));

  private constructor(
    private readonly folder: string,
    readonly events: SqliteEventStore,
    readonly reads: SqliteReadStore,
  ) {
    this.journal = new Journal(events);
  }

  /** Set by {@link open}. */
  app!: NestFastifyApplication;
  url = '';

  /** The file of the log. */
  get databaseFile(): string {
    return join(this.folder, 'events.db');
  }

  static async open(options: { readonly auditRetentionDays?: number } = {}): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'query-api-'));
    const events = await SqliteEventStore.open({ path: join(folder, 'events.db') });
    const reads = await SqliteReadStore.open({ path: join(folder, 'reads.db'), collections: COLLECTIONS });
    const world = new World(folder, events, reads);
    world.app = await createQueryApi({
      eventStore: events,
      readStore: reads,
      // Its patience runs on real timers of 0 ms: a test of a stalled projector need not wait half a second.
      barrier: new ReadBarrier(events, reads, { now: () => world.clock.now(), setTimer: soon }),
      authenticator: createAuthenticator({ staticTokens: TOKENS, trustForwardedToken: false, now: () => world.clock.now() }),
      sealer: world.sealer,
      clock: world.clock,
      timers: world.clock,
      ...options,
      log: pino({ level: process.env['TEST_LOG'] ?? 'silent' }),
      readiness: [{ name: 'events', check: async () => undefined }],
      version: '1.2.3',
      openapi: { openapi: '3.1.0' },
      asyncapi: { asyncapi: '3.0.0' },
    });
    await world.app.listen(0, '127.0.0.1');
    world.url = `http://127.0.0.1:${(world.app.getHttpServer().address() as AddressInfo).port}`;
    return world;
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.reads.close();
    await this.events.close();
    await rm(this.folder, { recursive: true });
  }

  /** What the query API answers. `path` stands under the base path unless it starts with `//`. */
  async get(path: string, as: User | 'nobody' = 'admin', headers: Record<string, string> = {}) {
    const url = path.startsWith('//') ? path.slice(1) : BASE + path;
    const authorization: Record<string, string> = as === 'nobody' ? {} : { authorization: `Bearer token-${as}` };
    const {
      statusCode,
      headers: answered,
      body,
    } = await this.app.inject({ method: 'GET', url, headers: { ...authorization, ...headers } });
    const isJson = String(answered['content-type']).includes('json');
    return { status: statusCode, headers: answered, body, json: JSON.parse(isJson ? body : 'null') as Body };
  }

  /** Brings the read model up to the head of the log. */
  async project(): Promise<void> {
    await new Projector(this.events, this.reads.live, { poison: 'stop' }).catchUp();
  }

  id(): string {
    return ksuid(this.clock.now(), randomBytes(16));
  }

  /** Appends what a decider makes of a command, one second later than what came before. */
  async append<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
    command: C,
    actor: User = 'ann',
  ): Promise<void> {
    this.clock.advance(1000);
    const cause = {
      actor: { id: actor, kind: 'user' },
      occurred_at: instant(this.clock.now()),
      correlation_id: 'c',
      causation_id: 'c',
    } as const;
    await this.journal.commit(await this.journal.plan(decider, stream, command, cause));
  }

  async makeProject(name: string, fields: { prompt?: string } = {}): Promise<string> {
    await this.append(project, streams.project(name), { type: 'CreateProject', fields: { name, ...fields } });
    return name;
  }

  async grant(user: User, role_id: RoleId, project_id?: string): Promise<string> {
    const role_binding_id = this.id();
    const binding = {
      role_binding_id,
      role_id,
      scope: project_id ? 'project' : 'global',
      user_id: user,
      ...(project_id ? { project_id } : {}),
    } as const;
    await this.append(access, project_id ? streams.access(project_id) : streams.platformAccess, { type: 'GrantRole', binding });
    return role_binding_id;
  }

  revoke(role_binding_id: string, project_id: string): Promise<void> {
    return this.append(access, streams.access(project_id), { type: 'RevokeRole', role_binding_id });
  }

  async makeAgent(
    project_id: string,
    fields: { name: string; prompt?: string; environment_variables?: string },
  ): Promise<string> {
    const id = this.id();
    await this.append(agent, streams.agent(id), {
      type: 'CreateAgent',
      project_id,
      owner_user_id: 'ann',
      fields: this.#sealed(fields),
    });
    return id;
  }

  async makeSchedule(project_id: string, fields: ScheduleFields = {}): Promise<string> {
    const id = this.id();
    const command = {
      type: 'CreateScheduledSession',
      project_id,
      created_by_user_id: 'ann',
      fields: { name: 'nightly', schedule: '0 9 * * *', ...fields },
    } as const;
    await this.append(scheduledSession, streams.scheduledSession(id), command);
    return id;
  }

  async makeSession(
    origin: Partial<SessionCreation['origin']> = {},
    fields: Partial<SessionCreation['fields']> = {},
    id = this.id(),
  ): Promise<string> {
    const all = this.#sealed({ name: 'chat', ...fields });
    await this.append(session, streams.session(id), {
      type: 'CreateSession',
      origin: { created_by_user_id: 'ann', ...origin },
      fields: all,
    });
    return id;
  }

  async say(session_id: string, payload: string): Promise<void> {
    const { state } = await this.journal.load(session, streams.session(session_id));
    const project_id = state.status === 'absent' ? undefined : state.value.project_id;
    const command = {
      type: 'AppendMessage',
      session_id,
      project_id,
      message_id: this.id(),
      event_type: 'user',
      payload,
    } as const;
    return this.append(messages, streams.messages(session_id), command);
  }

  change(sessionId: string, command: SessionCommand): Promise<void> {
    return this.append(session, streams.session(sessionId), command);
  }

  changeSchedule(id: string, command: ScheduledSessionCommand): Promise<void> {
    return this.append(scheduledSession, streams.scheduledSession(id), command);
  }

  /** A run of a tick, and the session that it starts when it does. */
  async makeRun(
    origin: { project_id: string; scheduled_session_id: string; agent_id?: string },
    scheduled_for: string,
    situation: Partial<RunDecision['situation']> = {},
  ): Promise<{ runId: string; sessionId: string }> {
    const runId = randomUUID();
    const sessionId = this.id();
    const decided_at = instant(this.clock.now() + 1000);
    const facts = { ...origin, trigger: 'schedule', scheduled_for, decided_at } as const;
    const rules = { agent: 'none', schedule_deleted: false, overlap_policy: 'skip', ...situation } as const;
    await this.append(run, streams.run(runId), { type: 'DecideRun', facts, situation: rules, session_id: sessionId });
    const { state } = await this.journal.load(run, streams.run(runId));
    if (state.outcome === 'started')
      await this.makeSession({ ...origin, scheduled_for, run_id: runId }, { name: `run-${scheduled_for}` }, sessionId);
    return { runId, sessionId };
  }

  #sealed<F extends { environment_variables?: string | undefined }>(fields: F): F {
    const { environment_variables } = fields;
    return environment_variables === undefined
      ? fields
      : { ...fields, environment_variables: this.sealer.sealEnvironment(environment_variables) };
  }
}

function soon(_ms: number, fire: () => void): () => void {
  const timer = setTimeout(fire, 0);
  return () => clearTimeout(timer);
}
