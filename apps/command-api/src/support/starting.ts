/** Letting sessions in: the occupancy that every start goes through, and the events that a new, started session consists of. */
import { Inject, Injectable } from '@nestjs/common';
import { isActive, runIdOf, streams } from '#contracts';
import {
  messages,
  occupancy,
  run,
  session,
  withoutNulls,
  type MessageCommand,
  type OccupancyCommand,
  type OccupancyState,
  type RunState,
  type SessionCommand,
  type SessionState,
  type WaitingRun,
} from '#domain';
import { followedBy, Journal, type Loaded, type Plan } from '#journal';
import type { RequestContext } from '#service';
import { contextOfRun } from './run-context.js';
import { countOutcome } from './count-outcome.js';
import { Commands } from './commands.js';
import { Prompts } from './prompts.js';

/**
 * An admitted session, or a waiting run, that has no stream counts for so long: its creator is between two appends. After that it has died
 * there. (An engine that appends both in one transaction never shows one.)
 */
const GRACE_MS = 60_000;

export interface Occupant {
  readonly project_id: string;
  readonly agent_id?: string | undefined;
  readonly scheduled_session_id?: string | undefined;
}

/** Who is in, as of the revision that an admission will expect. */
export interface Occupancy {
  readonly loaded: Loaded<OccupancyState>;
  /** Ids of the sessions that are active now. */
  readonly active: readonly string[];
  /** The runs that wait now, first come first; those that were superseded until they have been told so. */
  readonly waiting: readonly Waiting[];
}

/** A run that waits, and what it was queued with. That is missing while its stream is not there yet. */
export type Waiting = WaitingRun & Pick<RunState, 'queued'>;

type Change =
  | Pick<Extract<OccupancyCommand, { type: 'AdmitSession' }>, 'type' | 'session_id'>
  | Pick<Extract<OccupancyCommand, { type: 'EnqueueRun' }>, 'type' | 'run' | 'replaces'>;

type NewSession = Omit<Extract<SessionCommand, { type: 'CreateSession' }>, 'type'>;

@Injectable()
export class Starting {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Journal) private readonly journal: Journal,
    @Inject(Prompts) private readonly prompts: Prompts,
  ) {}

  /** Whether any run may wait: one look, where {@link occupancy} looks at every session and run. */
  async mayWait(of: Occupant): Promise<boolean> {
    return (await this.journal.load(occupancy, streamOf(of))).state.waiting.length > 0;
  }

  /** Who is in; whatever a crash has cut off of their starts is completed before. */
  async occupancy(of: Occupant, now: number): Promise<Occupancy> {
    const loaded = await this.journal.load(occupancy, streamOf(of));
    const { active, waiting, changed_at } = loaded.state;
    const recent = changed_at !== undefined && now - Date.parse(changed_at) < GRACE_MS;
    const sessions = await Promise.all(active.map(id => this.journal.load(session, streams.session(id))));
    await Promise.all(sessions.map(({ state }) => this.sayStarted(state, now)));
    const runs = await Promise.all(waiting.map(({ run_id }) => this.journal.load(run, streams.run(run_id))));
    return {
      loaded,
      active: active.filter((_, index) => countsAsActive(sessions[index]?.state, recent)),
      waiting: waiting.flatMap((entry, index) => {
        const { outcome, queued } = runs[index]?.state ?? {};
        return (outcome === undefined ? recent : outcome === 'queued') ? [{ ...entry, queued }] : [];
      }),
    };
  }

  /**
   * Tells a run that its session was started, where whoever let it in died before saying so: what comes next counts it for `max_runs`, and the
   * occupancy may be the last that knows of it.
   */
  async sayStarted(state: SessionState, now: number): Promise<void> {
    if (state.status === 'absent') return;
    const { id, run_id, project_id, agent_id, scheduled_session_id, scheduled_for, created_at, prompt } = state.value;
    if (run_id === undefined || project_id === undefined || scheduled_session_id === undefined || !scheduled_for) return;
    const known = await this.journal.load(run, streams.run(run_id));
    if (known.state.outcome) return;
    const isTick = runIdOf(scheduled_session_id, scheduled_for) === run_id;
    // Who triggers by hand does it for the moment; a tick that is backfilled is of the past.
    const trigger = isTick ? 'schedule' : scheduled_for === created_at ? 'manual' : 'backfill';
    const [created] = isTick ? [] : await this.journal.events(streams.session(id));
    const requested_by = created?.metadata.actor.id;
    const facts = {
      project_id,
      scheduled_session_id,
      agent_id,
      trigger,
      scheduled_for,
      decided_at: created_at,
      requested_by,
    } as const;
    const started = this.commands.planOn(
      run,
      streams.run(run_id),
      known,
      {
        type: 'DecideRun',
        facts: withoutNulls(facts),
        // Nothing else is looked at.
        situation: { has_begun: true, agent: 'none', schedule_deleted: false, overlap_policy: 'allow' },
        session_id: id,
        prompt: prompt ?? undefined,
      },
      contextOfRun(run_id, now),
    );
    await this.commands.commit(started);
    countOutcome(started);
  }

  /** Appends to the occupancy as it was read: whoever comes second has to look again. */
  admit(of: Occupant, occupancy: Occupancy, session_id: string, context: RequestContext): Plan<OccupancyState> {
    return this.change(of, occupancy, { type: 'AdmitSession', session_id }, context);
  }

  /** Has a run wait for its turn; with `replaces` in the place of the one of its schedule that waits. */
  enqueue(
    of: Occupant,
    occupancy: Occupancy,
    entry: Pick<WaitingRun, 'run_id' | 'scheduled_session_id'>,
    replaces: boolean,
    context: RequestContext,
  ): Plan<OccupancyState> {
    return this.change(of, occupancy, { type: 'EnqueueRun', run: entry, replaces }, context);
  }

  private change(
    of: Occupant,
    { loaded, active, waiting }: Occupancy,
    change: Change,
    context: RequestContext,
  ): Plan<OccupancyState> {
    const { project_id, agent_id, scheduled_session_id } = of;
    const still = { still_active: active, still_waiting: waiting.map(({ queued: _, ...entry }) => entry) };
    const command: OccupancyCommand = { project_id, agent_id, scheduled_session_id, ...still, ...change };
    return this.commands.planOn(occupancy, streamOf(of), loaded, command, context);
  }

  /** Creates a session and starts it, with its prompt as first message. */
  async createStarted(
    id: string,
    { origin, fields }: NewSession,
    context: RequestContext,
  ): Promise<{ plans: Plan[]; session: Plan<SessionState> }> {
    const { message, session: created } = this.create(id, { origin, fields }, context);
    const starting_prompt = await this.prompts.startingPrompt({ ...origin, task: fields.prompt ?? undefined });
    const command = { type: 'StartSession', starting_prompt } as const;
    const both = followedBy(created, this.commands.planOn(session, streams.session(id), created, command, context));
    return { plans: [...message, both], session: both };
  }

  /**
   * Creates a session; a non-empty prompt is also its first `user` message. That goes before the session: where the session is, its prompt
   * is first in the conversation, wherever a crash came between.
   */
  create(id: string, { origin, fields }: NewSession, context: RequestContext): { message: Plan[]; session: Plan<SessionState> } {
    const created = this.commands.planNew(session, streams.session(id), { type: 'CreateSession', origin, fields }, context);
    const message = firstMessageOf(id, origin.project_id, fields.prompt, context);
    return {
      message: message ? [this.commands.planNew(messages, streams.messages(id), message, context)] : [],
      session: created,
    };
  }
}

function firstMessageOf(
  session_id: string,
  project_id: string | undefined,
  prompt: string | null | undefined,
  context: RequestContext,
): MessageCommand | undefined {
  if (!prompt) return undefined;
  return {
    type: 'AppendMessage',
    session_id,
    project_id,
    message_id: context.ids.ksuid('prompt'),
    event_type: 'user',
    payload: prompt,
  };
}

const streamOf = ({ agent_id, scheduled_session_id }: Occupant): string =>
  streams.occupancy(agent_id ?? scheduled_session_id ?? '');

function countsAsActive(state: SessionState | undefined, recent: boolean): boolean {
  if (!state || state.status === 'absent') return recent;
  return state.status === 'present' && isActive(state.value.phase);
}
