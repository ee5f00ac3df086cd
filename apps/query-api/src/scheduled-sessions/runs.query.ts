import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Run, Session } from '#contracts';
import { runs, sessions } from '#projections';
import { allOf, equals, type Document, type ReadStore } from '#read-store';
import type { RequestContext } from '#service';
import { Aggregates } from '../support/aggregates.js';
import type { ListKind, ListQuery } from '../support/list-query.js';
import { bodyOf, Lists, type ListAnswer } from '../support/lists.js';
import { Secrets } from '../support/secrets.js';
import { READ_STORE } from '../support/tokens.js';
import { scheduleIn } from './scheduled-session.queries.js';

/** Searched and ordered by what a run has; an item is its session, with the run inside. */
export const RUNS: ListKind = {
  kind: 'SessionList',
  collection: runs,
  itemFields: [...Object.keys(Session.properties), 'run'],
  order: [{ field: 'scheduled_for', direction: 'desc' }],
};

/** What became of each tick and trigger of a schedule, also of one that was deleted. */
export class ListRuns extends Query<ListAnswer> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly id: string,
    readonly query: ListQuery,
  ) {
    super();
  }
}

@QueryHandler(ListRuns)
export class ListRunsHandler implements IQueryHandler<ListRuns> {
  constructor(
    @Inject(Aggregates) private readonly aggregates: Aggregates,
    @Inject(Lists) private readonly lists: Lists,
    @Inject(READ_STORE) private readonly reads: ReadStore,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  async execute({ context, projectId, id, query }: ListRuns): Promise<ListAnswer> {
    const { value: schedule } = await this.aggregates.known(scheduleIn(projectId, id));
    return this.lists.answer({
      list: RUNS,
      query,
      scope: allOf(equals('scheduled_session_id', id), equals('project_id', projectId)),
      freshness: await this.lists.freshness(query),
      present: documents => this.#items(documents, schedule.name, context),
    });
  }

  async #items(documents: readonly Document[], scheduleName: string, { caller }: RequestContext): Promise<string[]> {
    const found = documents.map(document => ({ text: bodyOf(document), run: JSON.parse(bodyOf(document)) as Run }));
    const stored = await this.reads.live.get(
      sessions.name,
      found.map(({ run }) => startedSession(run)).filter(id => id !== undefined),
    );
    const present = stored.filter(({ json }) => json !== undefined);
    const texts = await this.secrets.shownTexts(present, () => caller);
    const byId = new Map(present.map(({ id }, index) => [id, texts[index]]));
    return found.map(({ text, run }) => {
      const session = byId.get(startedSession(run) ?? '') ?? JSON.stringify(placeholder(run, scheduleName));
      return `${session.slice(0, -1)},"run":${text}}`;
    });
  }
}

/** The session that a run made. The `session_id` of a skipped one is that of the session that stood in its way. */
const startedSession = ({ outcome, session_id }: Run): string | undefined => (outcome === 'started' ? session_id : undefined);

/** Stands in for the session of a run that has none: it never had one, or it was deleted since. */
function placeholder(run: Run, scheduleName: string): Partial<Omit<Session, 'phase'>> & { phase: string } {
  return {
    id: run.id,
    kind: 'Session',
    name: `${scheduleName}-${compact(run.scheduled_for)}`,
    phase: phaseOf(run),
    project_id: run.project_id,
    scheduled_session_id: run.scheduled_session_id,
    scheduled_for: run.scheduled_for,
    created_at: run.decided_at,
    updated_at: run.finished_at ?? run.decided_at,
  };
}

function phaseOf({ outcome, session_phase = '' }: Run): string {
  switch (outcome) {
    case 'started':
      return session_phase;
    case 'skipped':
      return 'Skipped';
    case 'missed':
      return 'Missed';
    case 'queued':
      return 'Queued';
    case 'dropped':
      return 'Dropped';
  }
}

/** `20260131T090000Z` of `2026-01-31T09:00:00.000Z`. */
const compact = (at: string): string => at.replace(/\.\d{3}/, '').replaceAll(/[-:]/g, '');
