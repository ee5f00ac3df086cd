import { Inject, Logger } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Static } from 'typebox';
import { streams, type BulkAction, type ScheduledSession, type ScheduledSessionAction } from '#contracts';
import { Journal } from '#journal';
import { scheduledSessions } from '#projections';
import { allOf, equals, parseSearch } from '#read-store';
import { invalidProblem, problemOf, repeatableIds, unexpectedProblem, type RequestContext } from '#service';
import { atOnce } from '../support/at-once.js';
import { CaughtUpReads } from '../support/caught-up-reads.js';
import { ChangeScheduledSession, DeleteScheduledSession } from './scheduled-session.commands.js';
import { TriggerScheduledSession } from './trigger.command.js';

/** What an action did to one schedule. */
interface Result {
  readonly result: 'changed' | 'unchanged' | 'triggered' | 'skipped' | 'queued' | 'deleted' | 'failed';
  readonly run_id?: string;
  readonly error?: string;
}

type Found = Pick<ScheduledSession, 'id' | 'name' | 'agent_id'>;
type Asked = Static<typeof ScheduledSessionAction>;

export interface BulkActionResult {
  readonly kind: 'ScheduledSessionActions';
  readonly action: BulkAction;
  readonly total: number;
  /** All that did not fail. */
  readonly succeeded: number;
  readonly failed: number;
  /** Oldest schedule first. */
  readonly items: readonly (Pick<Found, 'id' | 'name'> & Result)[];
}

const MOST_SCHEDULES = 1000;
/** Changes wait for the read model, which takes many at once as quickly as one. */
const AT_ONCE = 16;

/** One action on every schedule of a project that a search finds: each is a command of its own. */
export class ActOnScheduledSessions extends Command<BulkActionResult> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly asked: Asked,
  ) {
    super();
  }
}

@CommandHandler(ActOnScheduledSessions)
export class ActOnScheduledSessionsHandler implements ICommandHandler<ActOnScheduledSessions> {
  private readonly logger = new Logger(ActOnScheduledSessionsHandler.name);

  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(CaughtUpReads) private readonly reads: CaughtUpReads,
    @Inject(Journal) private readonly journal: Journal,
  ) {}

  async execute({ context, projectId, asked }: ActOnScheduledSessions): Promise<BulkActionResult> {
    const found = await this.find(projectId, asked.search);
    // Random, or the same again for a request that is repeated under its Idempotency-Key.
    const request = context.ids.ksuid('actions');
    const results = new Map<string, Result>();
    await atOnce(AT_ONCE, lanesOf(found, asked.action), async lane => {
      for (const { id } of lane) results.set(id, await this.tryOn(id, projectId, asked, partOf(context, request, id)));
    });
    const items = found.map(({ id, name }) => ({ id, name, ...(results.get(id) ?? NOT_DONE) }));
    const failed = items.filter(({ result }) => result === 'failed').length;
    const total = items.length;
    return { kind: 'ScheduledSessionActions', action: asked.action, total, succeeded: total - failed, failed, items };
  }

  /** @throws {SearchSyntaxError} @throws {Problem} 400 when it finds too many */
  private async find(projectId: string, search: string): Promise<Found[]> {
    const { total, documents } = await this.reads.find({
      collection: scheduledSessions.name,
      filter: allOf(equals('project_id', projectId), parseSearch(search, scheduledSessions.fields)),
      orderBy: [{ field: 'created_at', direction: 'asc' }],
      offset: 0,
      limit: MOST_SCHEDULES,
    });
    if (total > MOST_SCHEDULES) {
      const message = `search finds ${total} scheduled sessions, and an action takes at most ${MOST_SCHEDULES}: nothing was done`;
      throw invalidProblem([{ path: 'search', message }]);
    }
    return documents.map(({ json = '' }) => JSON.parse(json) as Found);
  }

  private async tryOn(id: string, projectId: string, asked: Asked, context: RequestContext): Promise<Result> {
    try {
      return await this.actOn(id, projectId, asked, context);
    } catch (error) {
      const problem = problemOf(error);
      if (!problem) this.logger.error(new Error(`operation ${context.operationId}: ${asked.action} of ${id}`, { cause: error }));
      return { result: 'failed', error: (problem ?? unexpectedProblem).reason };
    }
  }

  private async actOn(id: string, projectId: string, { action, reason }: Asked, context: RequestContext): Promise<Result> {
    switch (action) {
      case 'suspend':
      case 'resume': {
        const type = action === 'suspend' ? 'SuspendScheduledSession' : 'ResumeScheduledSession';
        const { revision } = await this.bus.execute(new ChangeScheduledSession(context, projectId, id, { type, reason }));
        return { result: (await this.isOwn(id, revision, context)) ? 'changed' : 'unchanged' };
      }
      case 'trigger': {
        const { status, run } = await this.bus.execute(new TriggerScheduledSession(context, projectId, id, {}));
        return { result: status, run_id: run.id };
      }
      case 'delete':
        await this.bus.execute(new DeleteScheduledSession(context, projectId, id));
        return { result: 'deleted' };
    }
  }

  /** Whether this request, now or before it was repeated, made the event that brought a schedule to a revision. */
  private async isOwn(id: string, revision: number, { ids }: RequestContext): Promise<boolean> {
    const stream = streams.scheduledSession(id);
    const event = (await this.journal.events(stream))[revision];
    return event !== undefined && event.metadata.event_id === ids.event(stream, event, 0);
  }
}

const NOT_DONE: Result = { result: 'failed', error: unexpectedProblem.reason };

/** What has to be done one after the other: triggers that contend for an agent, oldest schedule first. */
function lanesOf(found: readonly Found[], action: BulkAction): Found[][] {
  const keyOf = ({ id, agent_id }: Found): string => (action === 'trigger' ? (agent_id ?? id) : id);
  return [...Map.groupBy(found, keyOf).values()];
}

/** A request as far as it concerns one schedule: with ids of its own, which are the same when the request is repeated. */
const partOf = (context: RequestContext, request: string, id: string): RequestContext => ({
  ...context,
  ids: repeatableIds(context.now, `${request}/${id}`),
  idempotencyKey: request,
  ifMatch: undefined,
});
