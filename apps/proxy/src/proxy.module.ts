/** The routes that the proxy answers itself. */
import { Controller, Get, Inject, Module, Req, Res, type DynamicModule } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Registry } from 'prom-client';
import { answerProblem, Problem } from './problem.js';
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
    reply.hijack();
    const problem = new Problem(503, `not ready: no answer from the ${missing.join(' and the ')}`);
    answerProblem(reply.raw, problem, request.id, reply.getHeaders());
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
