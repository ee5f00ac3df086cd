import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Project, streams } from '#contracts';
import { project } from '#domain';
import { projects } from '#projections';
import type { RequestContext } from '#service';
import { Aggregates } from '../support/aggregates.js';
import { listKind, type ListQuery } from '../support/list-query.js';
import { Lists, type ListAnswer } from '../support/lists.js';
import type { Single } from '../support/single.js';
import { Visibility } from '../support/visibility.js';

export const PROJECTS = listKind('ProjectList', projects, Project);

export class ListProjects extends Query<ListAnswer> {
  constructor(
    readonly context: RequestContext,
    readonly query: ListQuery,
  ) {
    super();
  }
}

@QueryHandler(ListProjects)
export class ListProjectsHandler implements IQueryHandler<ListProjects> {
  constructor(
    @Inject(Lists) private readonly lists: Lists,
    @Inject(Visibility) private readonly visibility: Visibility,
  ) {}

  async execute({ context, query }: ListProjects): Promise<ListAnswer> {
    const freshness = await this.lists.freshness(query);
    const scope = await this.visibility.projects(context.caller, freshness);
    return this.lists.answer({ list: PROJECTS, query, scope, freshness });
  }
}

export class GetProject extends Query<Single<Project>> {
  constructor(readonly id: string) {
    super();
  }
}

@QueryHandler(GetProject)
export class GetProjectHandler implements IQueryHandler<GetProject> {
  constructor(@Inject(Aggregates) private readonly aggregates: Aggregates) {}

  async execute({ id }: GetProject): Promise<Single<Project>> {
    const { value, revision } = await this.aggregates.present({ decider: project, stream: streams.project(id), what: 'project' });
    return { resource: value, revision };
  }
}
