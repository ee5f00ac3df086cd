import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { streams, type Session, type SessionCreate } from '#contracts';
import { session, withoutNulls, type AgentState } from '#domain';
import { Problem, type RequestContext } from '#service';
import { Commands } from '../support/commands.js';
import { Prompts } from '../support/prompts.js';
import { Secrets } from '../support/secrets.js';
import { Starting } from '../support/starting.js';
import { presentSession } from '../sessions/present-session.js';
import { requireAgent } from './agent.commands.js';

export interface StartedAgent {
  readonly session: Session;
  readonly starting_prompt: string;
  /** False when the agent had an active session already. */
  readonly created: boolean;
}

export class StartAgent extends Command<StartedAgent> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly id: string,
    readonly prompt: string | undefined,
  ) {
    super();
  }
}

@CommandHandler(StartAgent)
export class StartAgentHandler implements ICommandHandler<StartAgent> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Starting) private readonly starting: Starting,
    @Inject(Prompts) private readonly prompts: Prompts,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  execute({ context, projectId, id, prompt }: StartAgent): Promise<StartedAgent> {
    return this.commands.run('StartAgent', async () => {
      const agent = await requireAgent(this.commands, projectId, id);
      const occupant = { project_id: projectId, agent_id: id };
      const occupancy = await this.starting.occupancy(occupant, context.now);
      const running = occupancy.active.at(-1);
      const sessionId = context.ids.ksuid('session');
      // Its own session is what a repeated request finds that died before it could answer.
      if (running !== undefined) return this.existing(running, running === sessionId);
      const origin = { ...occupant, created_by_user_id: context.caller.principal.id };
      const fields = { ...fieldsFromAgent(agent), name: `${agent.name}-${sessionId.slice(-6)}`, prompt };
      const { plans, session: started } = await this.starting.createStarted(
        sessionId,
        { origin, fields: withoutNulls(fields) },
        context,
      );
      await this.commands.commit(this.starting.admit(occupant, occupancy, sessionId, context), ...plans);
      if (started.state.status !== 'present') throw new Error('a session was started and is not there');
      return {
        session: this.secrets.opened(presentSession(started.state.value)),
        starting_prompt: await this.prompts.startingPrompt({ ...occupant, task: prompt }),
        created: true,
      };
    });
  }

  private async existing(sessionId: string, created: boolean): Promise<StartedAgent> {
    const { state } = await this.commands.journal.load(session, streams.session(sessionId));
    if (state.status !== 'present') {
      const reason = `the agent is taken by session ${sessionId}, which is not there yet`;
      throw new Problem(503, reason, undefined, { 'Retry-After': '1' });
    }
    return {
      session: this.secrets.opened(presentSession(state.value)),
      starting_prompt: await this.prompts.startingPrompt({ ...state.value, task: state.value.prompt }),
      created,
    };
  }
}

/** What a session takes over from its agent. */
export function fieldsFromAgent(agent: Extract<AgentState, { status: 'present' }>['value']): Partial<SessionCreate> {
  const { repo_url, llm_model, llm_temperature, llm_max_tokens } = agent;
  const { environment_variables, resource_overrides, bot_account_name } = agent;
  return withoutNulls({
    repo_url,
    llm_model,
    llm_temperature,
    llm_max_tokens,
    environment_variables,
    resource_overrides,
    bot_account_name,
  });
}
