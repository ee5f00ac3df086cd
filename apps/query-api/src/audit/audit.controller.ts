import { Controller, Headers, Inject, Param, Query, Res, type OnModuleDestroy } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { addAbortSignal, Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { LINES, type AuditVerdict } from '#contracts';
import { Handles } from '#service';
import { prefers } from '../support/event-streams.js';
import { jsonText } from '../support/lists.js';
import type { Parameters } from '../support/parameters.js';
import { auditFilter } from './audit-filter.js';
import { ExportAudit, ListAudit, VerifyAudit } from './audit.queries.js';

@Controller()
export class AuditController implements OnModuleDestroy {
  readonly #closing = new AbortController();

  constructor(@Inject(QueryBus) private readonly bus: QueryBus) {}

  /** The service goes down: exports are cut, and clients go on at another one after the last event they have. */
  onModuleDestroy(): void {
    this.#closing.abort();
  }

  @Handles('audit.list')
  async list(
    @Param('project_id') projectId: string,
    @Query() parameters: Parameters,
    @Headers('accept') accept: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const filter = auditFilter(parameters);
    if (!prefers(LINES, accept)) {
      await reply.send(jsonText(reply, await this.bus.execute(new ListAudit(projectId, filter))));
      return;
    }
    const lines = await this.bus.execute(new ExportAudit(projectId, filter));
    // Bytes, not objects: no more of them wait than a client takes in.
    const bytes = addAbortSignal(this.#closing.signal, Readable.from(lines, { objectMode: false }));
    await reply.type(LINES).send(bytes);
  }

  @Handles('audit.verify')
  verify(@Param('project_id') projectId: string): Promise<AuditVerdict> {
    return this.bus.execute(new VerifyAudit(projectId));
  }
}
