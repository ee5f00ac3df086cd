import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Explanation } from '#contracts';
import { Aggregates } from '../../support/aggregates.js';
import { scheduleIn } from '../scheduled-session.queries.js';
import { EvidenceReader } from './evidence.reader.js';
import { explain } from './explain.js';

export interface Explained {
  readonly explanation: Explanation;
  readonly lagEvents?: number | undefined;
}

/** Why a schedule ran, or did not, at an instant; also of a schedule that was deleted. */
export class ExplainSchedule extends Query<Explained> {
  constructor(
    readonly projectId: string,
    readonly id: string,
    /** Milliseconds since 1970, as `now`. */
    readonly at: number,
    readonly now: number,
  ) {
    super();
  }
}

@QueryHandler(ExplainSchedule)
export class ExplainScheduleHandler implements IQueryHandler<ExplainSchedule> {
  constructor(
    @Inject(Aggregates) private readonly aggregates: Aggregates,
    @Inject(EvidenceReader) private readonly evidence: EvidenceReader,
  ) {}

  async execute({ projectId, id, at, now }: ExplainSchedule): Promise<Explained> {
    await this.aggregates.known(scheduleIn(projectId, id));
    const { evidence, lagEvents } = await this.evidence.of(id, Math.floor(at / 1000), now);
    return { explanation: explain(evidence), lagEvents };
  }
}
