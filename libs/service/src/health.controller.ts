import { Controller, Header, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { registry } from './metrics.js';
import { HandlesRoute, HEALTH, METRICS, READINESS } from './route.js';

/** One thing that must work for the service to be ready. */
export interface ReadinessCheck {
  readonly name: string;
  /** Undefined when all is well, else what is wrong. */
  check(): Promise<string | undefined>;
}

export const READINESS_CHECKS = Symbol('ReadinessChecks');

const CHECK_TIMEOUT_MS = 2000;

@Controller()
export class HealthController {
  constructor(@Inject(READINESS_CHECKS) private readonly checks: readonly ReadinessCheck[]) {}

  @HandlesRoute(HEALTH)
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @HandlesRoute(READINESS)
  async ready(
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ status: 'ok' | 'degraded'; checks: Record<string, string> }> {
    const checks: Record<string, string> = {};
    let healthy = true;
    await Promise.all(
      this.checks.map(async readiness => {
        const complaint = await Promise.race([
          readiness.check().catch((error: unknown) => (error instanceof Error ? error.message : 'failed')),
          new Promise<string>(resolve =>
            setTimeout(resolve, CHECK_TIMEOUT_MS, `no answer within ${CHECK_TIMEOUT_MS} ms`).unref(),
          ),
        ]);
        checks[readiness.name] = complaint ?? 'ok';
        healthy &&= complaint === undefined;
      }),
    );
    if (!healthy) void reply.status(503);
    return { status: healthy ? 'ok' : 'degraded', checks };
  }

  @HandlesRoute(METRICS)
  @Header('Content-Type', registry.contentType)
  metrics(): Promise<string> {
    return registry.metrics();
  }
}
