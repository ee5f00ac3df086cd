/** Letting sessions in: the occupancy that every start goes through, and the events that a new, started session consists of. */
import { Inject, Injectable } from '@nestjs/common';
import { isActive, streams, type DomainEvent, type Occurred } from '#contracts';
import {
  messages,
  occupancy,
  session,
  type MessageCommand,
  type OccupancyState,
  type SessionCommand,
  type SessionState,
} from '#domain';
import { followedBy, Journal, type Loaded, type Plan } from '#journal';
import { causeOf, type RequestContext } from '#service';
import { Commands } from './commands.js';
import { Prompts } from './prompts.js';

/**
 * An admitted session that has no stream counts as active for so long: its creator is between two appends. After that it has died
 * there. (An engine that appends both in one transaction never shows one.)
 */
const ADMISSION_GRACE_MS = 60_000;

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
}

type NewSession = Omit<Extract<SessionCommand, { type: 'CreateSession' }>, 'type'>;

@Injectable()
export class Starting {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Journal) private readonly journal: Journal,
    @Inject(Prompts) private readonly prompts: Prompts,
  ) {}

  async occupancy(of: Occupant, now: number): Promise<Occupancy> {
    const loaded = await this.journal.load(occupancy, streamOf(of));
    const { active, admitted_at } = loaded.state;
    const recent = admitted_at !== undefined && now - Date.parse(admitted_at) < ADMISSION_GRACE_MS;
    const states = await Promise.all(active.map(id => this.journal.load(session, streams.session(id))));
    return { loaded, active: active.filter((_, index) => countsAsActive(states[index]?.state, recent)) };
  }

  /** Appends to the occupancy as it was read: whoever comes second has to look again. */
  admit(of: Occupant, { loaded, active }: Occupancy, sessionId: string, context: RequestContext): Plan<OccupancyState> {
    const { project_id, agent_id, scheduled_session_id } = of;
    const command = {
      type: 'AdmitSession',
      project_id,
      agent_id,
      scheduled_session_id,
      session_id: sessionId,
      still_active: active,
    } as const;
    return this.commands.planOn(occupancy, streamOf(of), loaded, command, context);
  }

  /** Creates a session and starts it, with its prompt as first message. */
  async createStarted(
    id: string,
    { origin, fields }: NewSession,
    context: RequestContext,
  ): Promise<{ plans: Plan[]; session: Plan<SessionState> }> {
    const { plans, session: created } = this.create(id, { origin, fields }, context);
    const starting_prompt = await this.prompts.startingPrompt({ ...origin, task: fields.prompt ?? undefined });
    const started = this.commands.planOn(
      session,
      streams.session(id),
      created,
      { type: 'StartSession', starting_prompt },
      context,
    );
    const both = followedBy(created, started);
    return { plans: [both, ...plans.slice(1)], session: both };
  }

  /** Creates a session; a non-empty prompt is also its first `user` message. */
  create(id: string, { origin, fields }: NewSession, context: RequestContext): { plans: Plan[]; session: Plan<SessionState> } {
    const created = this.commands.planNew(session, streams.session(id), { type: 'CreateSession', origin, fields }, context);
    const message = firstMessageOf(id, origin.project_id, fields.prompt, context);
    if (!message) return { plans: [created], session: created };
    return { plans: [created, this.commands.planNew(messages, streams.messages(id), message, context)], session: created };
  }

  /** The prompt as message of a session that exists, unless it is there: whoever created the session may have died in between. */
  async firstMessage(
    id: string,
    project_id: string | undefined,
    prompt: string | null | undefined,
    context: RequestContext,
  ): Promise<Plan[]> {
    const message = firstMessageOf(id, project_id, prompt, context);
    if (!message) return [];
    const stream = streams.messages(id);
    // Loaded before the look: what another appends in between makes the append find out, and be tried again.
    const loaded = await this.journal.load(messages, stream);
    const events = await this.journal.events(stream);
    const isIt = ({ type, metadata, payload }: Occurred): boolean =>
      metadata.event_id === context.ids.event(stream, { type, payload } as DomainEvent, 0);
    if (events.some(isIt)) return [];
    const eventId = (event: DomainEvent): string => context.ids.event(stream, event, 0);
    return [this.journal.planOn(messages, stream, loaded, message, causeOf(context), { eventId })];
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

function countsAsActive(state: SessionState | undefined, recentlyAdmitted: boolean): boolean {
  if (!state || state.status === 'absent') return recentlyAdmitted;
  return state.status === 'present' && isActive(state.value.phase);
}
