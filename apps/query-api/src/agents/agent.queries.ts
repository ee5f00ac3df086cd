import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Agent, streams } from '#contracts';
import { agent, project, startingPrompt } from '#domain';
import { agents } from '#projections';
import { allOf, equals } from '#read-store';
import type { RequestContext } from '#service';
import { Aggregates } from '../support/aggregates.js';
import { Derived } from '../support/derived.js';
import { listKind, type ListQuery } from '../support/list-query.js';
import { Lists, type ListAnswer } from '../support/lists.js';
import { Secrets } from '../support/secrets.js';
import type { Single } from '../support/single.js';
import { SESSIONS } from '../sessions/session.queries.js';

export const AGENTS = listKind('AgentList', agents, Agent);

const agentIn = (projectId: string, id: string) => ({ decider: agent, stream: streams.agent(id), what: 'agent', projectId });

export class ListAgents extends Query<ListAnswer> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly query: ListQuery,
  ) {
    super();
  }
}

@QueryHandler(ListAgents)
export class ListAgentsHandler implements IQueryHandler<ListAgents> {
  constructor(
    @Inject(Lists) private readonly lists: Lists,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  async execute({ context, projectId, query }: ListAgents): Promise<ListAnswer> {
    return this.lists.answer({
      list: AGENTS,
      query,
      scope: equals('project_id', projectId),
      freshness: await this.lists.freshness(query),
      present: documents => this.secrets.shownTexts(documents, () => context.caller),
    });
  }
}

export class GetAgent extends Query<Single<Agent>> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetAgent)
export class GetAgentHandler implements IQueryHandler<GetAgent> {
  constructor(
    @Inject(Aggregates) private readonly aggregates: Aggregates,
    @Inject(Derived) private readonly derived: Derived,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  async execute({ context, projectId, id }: GetAgent): Promise<Single<Agent>> {
    const { document } = await this.derived.read(agents, id);
    const { value, revision } = await this.aggregates.present(agentIn(projectId, id));
    const { current_session_id } = document?.json === undefined ? {} : (JSON.parse(document.json) as Partial<Agent>);
    return {
      resource: this.secrets.shown({ ...value, ...(current_session_id ? { current_session_id } : {}) }, context.caller),
      revision,
    };
  }
}

/** What an agent would be told if it were started now. */
export class PreviewPrompt extends Query<string> {
  constructor(
    readonly projectId: string,
    readonly id: string,
    readonly task: string | undefined,
  ) {
    super();
  }
}

@QueryHandler(PreviewPrompt)
export class PreviewPromptHandler implements IQueryHandler<PreviewPrompt> {
  constructor(@Inject(Aggregates) private readonly aggregates: Aggregates) {}

  async execute({ projectId, id, task }: PreviewPrompt): Promise<string> {
    const ofAgent = await this.aggregates.present(agentIn(projectId, id));
    const ofProject = await this.aggregates.present({ decider: project, stream: streams.project(projectId), what: 'project' });
    return startingPrompt({ project: ofProject.value.prompt, agent: ofAgent.value.prompt, task });
  }
}

/** The sessions of an agent, also of one that was deleted. */
export class ListSessionsOfAgent extends Query<ListAnswer> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly id: string,
    readonly query: ListQuery,
  ) {
    super();
  }
}

@QueryHandler(ListSessionsOfAgent)
export class ListSessionsOfAgentHandler implements IQueryHandler<ListSessionsOfAgent> {
  constructor(
    @Inject(Aggregates) private readonly aggregates: Aggregates,
    @Inject(Lists) private readonly lists: Lists,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  async execute({ context, projectId, id, query }: ListSessionsOfAgent): Promise<ListAnswer> {
    await this.aggregates.known(agentIn(projectId, id));
    return this.lists.answer({
      list: SESSIONS,
      query,
      scope: allOf(equals('agent_id', id), equals('project_id', projectId)),
      freshness: await this.lists.freshness(query),
      present: documents => this.secrets.shownTexts(documents, () => context.caller),
    });
  }
}
