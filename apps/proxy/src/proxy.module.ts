/** The routes that the proxy answers itself. */
import { Controller, Get, Inject, Module, Req, Res, type DynamicModule } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Registry } from 'prom-client';
import { errorEnvelope } from '#contracts';
import { Readiness } from './readiness.js';

@Controller()
class OwnRoutes {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(Registry) private readonly registry: Registry,
  ) {}

  @Get('healthz')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  async ready(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const missing = await this.readiness.missing();
    if (missing.length === 0) return void reply.send({ status: 'ok' });
    const envelope = errorEnvelope(503, `not ready: no answer from the ${missing.join(' and the ')}`, request.id);
    void reply.status(503).type('application/problem+json').send(envelope);
  }

  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    void reply.type(this.registry.contentType).send(await this.registry.metrics());
  }
}

@Module({ controllers: [OwnRoutes] })
export class ProxyModule {
  static with(readiness: Readiness, registry: Registry): DynamicModule {
    return {
      module: ProxyModule,
      providers: [
        { provide: Readiness, useValue: readiness },
        { provide: Registry, useValue: registry },
      ],
    };
  }
}
