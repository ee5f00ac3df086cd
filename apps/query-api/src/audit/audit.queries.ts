import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { AuditVerifier, categoryOf, exportLine, SHARED_CATEGORIES, type AuditVerdict } from '#contracts';
import type { Position, RecordedEvent } from '#event-store';
import { asStored } from '#journal';
import { eventText } from '../support/history.js';
import { categoriesOf, isAskedFor, type AuditFilter } from './audit-filter.js';
import { belongsTo, ProjectLog } from './project-log.js';

/** Events of the log that one list looks at: a request's work has a bound, whatever it looks for. About half a second. */
const LOOKED_AT = 100_000;

/** Events of a project in the order of the log, as JSON text. */
export class ListAudit extends Query<string> {
  constructor(
    readonly projectId: string,
    readonly filter: AuditFilter,
  ) {
    super();
  }
}

@QueryHandler(ListAudit)
export class ListAuditHandler implements IQueryHandler<ListAudit> {
  constructor(@Inject(ProjectLog) private readonly log: ProjectLog) {}

  async execute({ projectId, filter }: ListAudit): Promise<string> {
    const { events, next } = await this.#find(projectId, filter);
    const items = events.map(event => `${eventText(event).slice(0, -1)},"position":${JSON.stringify(event.position)}}`);
    const more = next === undefined ? '' : `,"next":${JSON.stringify(next)}`;
    return `{"kind":"AuditList","size":${items.length},"items":[${items.join(',')}]${more}}`;
  }

  async #find(
    projectId: string,
    filter: AuditFilter,
  ): Promise<{ events: readonly RecordedEvent[]; next?: Position | undefined }> {
    const { after, limit } = filter;
    const events: RecordedEvent[] = [];
    const head = await this.log.headAfter(after);
    if (head === undefined) return { events };
    let lookedAt = 0;
    for await (const slice of this.log.slices({ projectId, after, head, categories: categoriesOf(filter) })) {
      events.push(...slice.events.filter(event => belongsTo(projectId, event) && isAskedFor(event, filter)));
      // One more than was asked for tells that there are more.
      if (events.length > limit) return { events: events.slice(0, limit), next: events[limit - 1]?.position };
      lookedAt += slice.size;
      if (lookedAt >= LOOKED_AT) return { events, next: slice.upTo };
    }
    return { events };
  }
}

/** All events of a project that are asked for, as lines, up to the head of the log when the request came. */
export class ExportAudit extends Query<AsyncIterable<string>> {
  constructor(
    readonly projectId: string,
    readonly filter: AuditFilter,
  ) {
    super();
  }
}

@QueryHandler(ExportAudit)
export class ExportAuditHandler implements IQueryHandler<ExportAudit> {
  constructor(@Inject(ProjectLog) private readonly log: ProjectLog) {}

  async execute({ projectId, filter }: ExportAudit): Promise<AsyncIterable<string>> {
    return this.#lines(projectId, filter, await this.log.headAfter(filter.after));
  }

  async *#lines(projectId: string, filter: AuditFilter, head: Position | undefined): AsyncGenerator<string> {
    if (head === undefined) return;
    const range = { projectId, after: filter.after, head, categories: categoriesOf(filter) };
    for await (const slice of this.log.slices(range)) {
      const wanted = slice.events.filter(event => belongsTo(projectId, event) && isAskedFor(event, filter));
      if (wanted.length > 0) yield wanted.map(event => `${exportLine(event)}\n`).join('');
    }
  }
}

/** Recomputes the hash chain of every stream that has events of a project. */
export class VerifyAudit extends Query<AuditVerdict> {
  constructor(readonly projectId: string) {
    super();
  }
}

/** Here all streams are read whole. */
const NO_GAPS = { shared: new Set<string>() };

@QueryHandler(VerifyAudit)
export class VerifyAuditHandler implements IQueryHandler<VerifyAudit> {
  constructor(@Inject(ProjectLog) private readonly log: ProjectLog) {}

  async execute({ projectId }: VerifyAudit): Promise<AuditVerdict> {
    const verifier = new AuditVerifier(NO_GAPS);
    const shared = new Set<string>();
    const head = await this.log.headAfter(undefined);
    if (head === undefined) return verifier.verdict();
    for await (const slice of this.log.slices({ projectId, head })) {
      for (const event of slice.events) {
        // Of a stream that is known all events count, whatever someone made of their payloads.
        if (!verifier.knows(event.stream) && !belongsTo(projectId, event)) continue;
        if (SHARED_CATEGORIES.has(categoryOf(event.stream))) shared.add(event.stream);
        else verify(verifier, event);
      }
    }
    for (const stream of shared) {
      for await (const slice of this.log.stream(stream)) for (const event of slice) verify(verifier, event);
    }
    return verifier.verdict();
  }
}

function verify(verifier: AuditVerifier, event: RecordedEvent): void {
  try {
    verifier.event(asStored(event));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    verifier.broken(event, 'its text is not JSON');
  }
}
