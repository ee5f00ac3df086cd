import { Body, Controller, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { matches, ProxyAuditBatch, RECORD_PROXY_AUDIT } from '#contracts';
import { HandlesRoute } from '#service';
import { createBody } from '../support/body.js';
import { RecordProxyAudit } from './record-proxy-audit.command.js';

/** For proxies alone: the door lets no one else through to it. */
@Controller()
export class AuditController {
  constructor(@Inject(CommandBus) private readonly bus: CommandBus) {}

  @HandlesRoute(RECORD_PROXY_AUDIT)
  record(@Body() body: unknown): Promise<void> {
    // Text that is not well-formed Unicode is no reason to refuse: the journal mends it, and nothing may pass unrecorded.
    const { batch_id, decisions } = matches(ProxyAuditBatch, body) ? body : createBody(ProxyAuditBatch, body);
    return this.bus.execute(new RecordProxyAudit(batch_id, decisions));
  }
}
