import { runIdOf, streams, type DomainEvent, type Phase, type RoleId } from '#contracts';
import * as domain from '#domain';
import type { Decider } from '#domain';
import type { EventStore, StreamWrite } from '#event-store';
import { Aggregates } from './aggregates.js';
import { idFor } from './happen.js';
import type { Random } from './random.js';

const START = Date.UTC(2026, 0, 1);
const PROJECTS = ['blue', 'green', 'red'];

/** A small world that lives by random commands. What its deciders refuse does not happen, so every log of it is one that could be. */
export class History {
  readonly #aggregates = new Aggregates();
  readonly #writes: StreamWrite[] = [];
  #clock = 0;

  constructor(private readonly random: Random) {}

  /** Lives for a number of commands and appends what happened. */
  async live(commands: number, store: EventStore): Promise<void> {
    const actions = [
      () => this.#project(),
      () => this.#agent(),
      () => this.#schedule(),
      () => this.#session(),
      () => this.#session(),
      () => this.#message(),
      () => this.#run(),
      () => this.#run(),
      () => this.#access(),
    ];
    for (let i = 0; i < commands; i++) this.random.pick(actions)();
    if (this.#writes.length > 0) await store.append(this.#writes.splice(0));
  }

  #project(): void {
    const name = this.random.pick(PROJECTS);
    const stream = streams.project(name);
    const active = { schedules: this.random.below(2), sessions: 0 };
    this.#do(
      domain.project,
      stream,
      this.random.pick([
        { type: 'CreateProject', fields: { name, labels: '{"team":"a"}' } },
        { type: 'CreateProject', fields: { name } },
        { type: 'UpdateProject', changes: { description: this.#word(), labels: null } },
        { type: 'DeleteProject', project_id: name, active },
      ]),
    );
  }

  #agent(): void {
    const { id, project_id } = this.#some('agent', 6);
    this.#do(
      domain.agent,
      streams.agent(id),
      this.random.pick([
        { type: 'CreateAgent', project_id, owner_user_id: 'ann', fields: { name: id, prompt: this.#word() } },
        { type: 'CreateAgent', project_id, owner_user_id: 'ann', fields: { name: id } },
        { type: 'UpdateAgent', changes: { display_name: this.#word(), prompt: null } },
        { type: 'UpdateAgent', changes: { environment_variables: '{"A":"sealed"}' } },
        ...(this.random.below(4) === 0 ? [{ type: 'DeleteAgent' } as const] : []),
      ]),
    );
  }

  #schedule(): void {
    const { id, project_id } = this.#some('schedule', 6);
    const schedule = this.random.pick(['0 9 * * *', '*/5 * * * *', '@weekly']);
    this.#do(
      domain.scheduledSession,
      streams.scheduledSession(id),
      this.random.pick([
        {
          type: 'CreateScheduledSession',
          project_id,
          created_by_user_id: 'ann',
          fields: { name: id, schedule, agent_id: this.#some('agent', 6).id },
        },
        {
          type: 'CreateScheduledSession',
          project_id,
          created_by_user_id: 'ann',
          fields: { name: id, schedule, timezone: 'America/New_York', max_runs: 3 },
        },
        { type: 'UpdateScheduledSession', changes: { schedule, end_at: this.random.pick([null, this.#instant(7200)]) } },
        { type: 'UpdateScheduledSession', changes: { session_prompt: this.#word() } },
        { type: 'SuspendScheduledSession', reason: this.#word() },
        { type: 'ResumeScheduledSession' },
        ...(this.random.below(4) === 0 ? [{ type: 'DeleteScheduledSession' } as const] : []),
      ]),
    );
  }

  #session(): void {
    const { id, project_id } = this.#some('session', 25);
    const agent_id = this.random.pick([undefined, this.#some('agent', 6).id]);
    this.#do(
      domain.session,
      streams.session(id),
      this.random.pick([
        {
          type: 'CreateSession',
          origin: { project_id, agent_id, created_by_user_id: 'ann' },
          fields: { name: id, prompt: this.#word() },
        },
        ...this.#sessionCommands(),
      ]),
    );
  }

  #sessionCommands(): domain.SessionCommand[] {
    const phase = this.random.pick<Phase>(['Creating', 'Running', 'Running', 'Completed', 'Failed', 'Stopped']);
    return [
      { type: 'StartSession', starting_prompt: 'do it' },
      { type: 'StartSession', starting_prompt: 'do it' },
      { type: 'ReportStatus', status: { phase, start_time: this.#instant() } },
      { type: 'ReportStatus', status: { phase } },
      { type: 'ReportStatus', status: { sdk_restart_count: this.random.below(5) } },
      { type: 'StopSession' },
      { type: 'UpdateSession', changes: { labels: this.random.pick([null, '{"a":"b"}']) } },
      { type: 'AddRepo', repo: { url: 'https://example.test/a.git', branch: 'main', name: this.#word() } },
      { type: 'RemoveRepo', name: this.#word() },
      { type: 'SetWorkflow', workflow: { git_url: 'https://example.test/w.git', branch: this.#word() } },
      { type: 'SetModel', model: this.#word() },
      { type: 'RenameSession', name: this.#word() },
      ...(this.random.below(6) === 0 ? [{ type: 'DeleteSession', deleted_at: this.#instant() } as const] : []),
    ];
  }

  #message(): void {
    const { id: session_id, project_id } = this.#some('session', 25);
    const message_id = idFor(`message ${this.#clock}`);
    this.#do(domain.messages, streams.messages(session_id), {
      type: 'AppendMessage',
      session_id,
      project_id,
      message_id,
      event_type: 'user',
      payload: 'hi',
    });
  }

  /** A run and the session it starts, in either order; or one of its later events. */
  #run(): void {
    const { id: scheduled_session_id, project_id } = this.#some('schedule', 6);
    const scheduled_for = this.#instant(-60 * this.random.below(30));
    const run_id = runIdOf(scheduled_session_id, this.random.pick([scheduled_for, ...this.#words(4)]));
    const session_id = idFor(`session of ${run_id}`);
    const agent_id = this.random.pick([undefined, this.#some('agent', 6).id]);
    const facts = {
      project_id,
      scheduled_session_id,
      agent_id,
      trigger: this.random.pick(['schedule', 'catch_up', 'manual'] as const),
      scheduled_for,
      decided_at: this.#instant(),
    };
    const situation = {
      agent: this.random.pick(['present', 'present', 'deleted'] as const),
      creator_may: true,
      schedule_deleted: false,
      overlap_policy: 'allow' as const,
    };
    const decide = (): void =>
      this.#do(domain.run, streams.run(run_id), { type: 'DecideRun', facts, situation, session_id, prompt: 'go' });
    const begin = (): void => {
      const origin = { project_id, agent_id, created_by_user_id: 'ann', scheduled_session_id, scheduled_for, run_id };
      if (agent_id)
        this.#do(domain.occupancy, streams.occupancy(agent_id), {
          type: 'AdmitSession',
          project_id,
          agent_id,
          session_id,
          still_active: [],
          still_waiting: [],
        });
      this.#do(domain.session, streams.session(session_id), { type: 'CreateSession', origin, fields: { name: 'run' } });
      this.#do(domain.session, streams.session(session_id), { type: 'StartSession', starting_prompt: 'go' });
    };
    this.random.pick([
      () => (begin(), decide()),
      () => (decide(), begin()),
      () => this.#do(domain.session, streams.session(session_id), this.random.pick(this.#sessionCommands())),
      () =>
        this.#do(domain.run, streams.run(run_id), {
          type: 'FinishRun',
          session_id,
          phase: 'Completed',
          finished_at: this.#instant(),
        }),
      () =>
        this.#do(domain.run, streams.run(run_id), {
          type: 'MissRange',
          facts,
          catch_up: { policy: 'none', window: 0 },
          to: this.#instant(),
          count: 1 + this.random.below(3),
        }),
    ])();
  }

  #access(): void {
    const project_id = this.random.pick(PROJECTS);
    const user_id = this.#word();
    const role_id = this.random.pick<RoleId>(['project:owner', 'project:viewer']);
    const role_binding_id = idFor(`${project_id} ${user_id} ${role_id}`);
    this.#do(
      domain.access,
      streams.access(project_id),
      this.random.pick([
        { type: 'GrantRole', binding: { role_binding_id, role_id, scope: 'project', user_id, project_id } },
        { type: 'RevokeRole', role_binding_id },
      ]),
    );
  }

  #do<S, C, E extends DomainEvent>(decider: Decider<S, C, E>, stream: string, command: C): void {
    const events = this.#aggregates.decide(decider, stream, command, () => this.#instant());
    for (const event of events) {
      this.#writes.push({ stream, expected: 'any', events: [event] });
      this.#clock += 1;
    }
  }

  #some(kind: string, number: number): { id: string; project_id: string } {
    const n = this.random.below(number);
    return { id: idFor(`${kind} ${n}`), project_id: PROJECTS[n % PROJECTS.length]! };
  }

  /** A time of this history; `offset` in seconds. */
  #instant(offset = 0): string {
    return new Date(START + (this.#clock * 60 + offset) * 1000).toISOString();
  }

  #word = (): string => this.random.pick(['ash', 'birch', 'cedar', 'elm']);
  #words = (count: number): string[] => Array.from({ length: count }, this.#word);
}
