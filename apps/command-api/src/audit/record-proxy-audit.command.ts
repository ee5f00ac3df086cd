import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ProxyDecision } from '#contracts';
import { ProxyAuditJournal } from '#journal';

/** What a proxy decided. The same batch again records nothing. */
export class RecordProxyAudit extends Command<void> {
  constructor(
    readonly batchId: string,
    readonly decisions: readonly ProxyDecision[],
  ) {
    super();
  }
}

@CommandHandler(RecordProxyAudit)
export class RecordProxyAuditHandler implements ICommandHandler<RecordProxyAudit> {
  constructor(@Inject(ProxyAuditJournal) private readonly audit: ProxyAuditJournal) {}

  execute({ batchId, decisions }: RecordProxyAudit): Promise<void> {
    return this.audit.record(batchId, decisions);
  }
}
