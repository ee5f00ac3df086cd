import { Controller, Get, Header, Inject, Res, SetMetadata } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { registry } from './metrics.js';
import { UNGUARDED } from './route.js';

/** One thing that must work for the service to be ready. */
export interface ReadinessCheck {
  readonly name: string;
  /** Undefined when all is well, else what is wrong. */
  check(): Promise<string | undefined>;
}

export const READINESS_CHECKS = Symbol('ReadinessChecks');

const CHECK_TIMEOUT_MS = 2000;

@Controller()
@SetMetadata(UNGUARDED, true)
export class HealthController {
  constructor(@Inject(READINESS_CHECKS) private readonly checks: readonly ReadinessCheck[]) {}

  @Get('/healthz')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('/readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ status: 'ok' | 'degraded'; checks: Record<string, string> }> {
    const checks: Record<string, string> = {};
    let healthy = true;
    await Promise.all(
      this.checks.map(async readiness => {
        const complaint = await Promise.race([
          readiness.check().catch((error: unknown) => (error instanceof Error ? error.message : 'failed')),
          new Promise<string>(resolve => setTimeout(resolve, CHECK_TIMEOUT_MS, `no answer within ${CHECK_TIMEOUT_MS} ms`).unref()),
        ]);
        checks[readiness.name] = complaint ?? 'ok';
        healthy &&= complaint === undefined;
      }),
    );
    if (!healthy) void reply.status(503);
    return { status: healthy ? 'ok' : 'degraded', checks };
  }

  @Get('/metrics')
  @Header('Content-Type', registry.contentType)
  metrics(): Promise<string> {
    return registry.metrics();
  }
}
