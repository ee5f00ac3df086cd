/** The HTTP side that command and query API share: Nest on Fastify, one error envelope, operation ids, limits, a drain at the end. */
import cors from '@fastify/cors';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { requestMetrics } from './metrics.js';
import { NestLog } from './logging.js';
import { Problem } from './problem.js';
import { ErrorFilter } from './error.filter.js';

export interface HttpAppOptions {
  readonly service: 'command' | 'query' | 'scheduler';
  readonly log: Logger;
  readonly corsOrigins?: readonly string[] | undefined;
}

const BODY_LIMIT_BYTES = 1_048_576;
const REQUEST_TIMEOUT_MS = 30_000;
const OPERATION_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** A Nest application on Fastify, not yet listening. */
export async function createHttpApp(module: DynamicModule, options: HttpAppOptions): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    genReqId: (request: IncomingMessage) => operationIdOf(request.headers['x-operation-id']),
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: false },
    return503OnClosing: true,
    loggerInstance: undefined,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: new NestLog(options.log),
    abortOnError: false,
  });
  app.useGlobalFilters(new ErrorFilter(options.service, options.log));
  const fastify = app.getHttpAdapter().getInstance();
  if (options.corsOrigins?.length) {
    await fastify.register(cors, { origin: [...options.corsOrigins], methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] });
  }
  readBodies(fastify);
  observe(fastify, options);
  return app;
}

const operationIdOf = (header: string | string[] | undefined): string =>
  typeof header === 'string' && OPERATION_ID.test(header) ? header : randomUUID();

/** JSON whatever the Content-Type says, and nothing where nothing came: clients of actions send either. */
function readBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  // By name, too: what only the star takes, Fastify looks up anew for each request.
  fastify.addContentTypeParser(['application/json', '*'], { parseAs: 'string' }, (_request, text, done) => {
    if (text === '') return done(null, EMPTY_BODY);
    try {
      done(null, JSON.parse(text as string));
    } catch (error) {
      done(
        new Problem(17, `the body is not JSON: ${error instanceof Error ? error.message : 'it can not be parsed'}`),
        undefined,
      );
    }
  });
}

/** Stands for a body that was declared and is empty. */
export const EMPTY_BODY: unique symbol = Symbol('empty body');

function observe(fastify: FastifyInstance, { service, log }: HttpAppOptions): void {
  const observed = requestMetrics(service);
  fastify.addHook('onRequest', (request, reply, done) => {
    request.operationId = request.id;
    reply.raw.setHeader('X-Operation-ID', request.id);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const ms = reply.elapsedTime;
    observed(request.method, route, reply.statusCode, ms);
    if (log.isLevelEnabled('info')) {
      log.info({
        operation_id: request.id,
        trace_id: request.context?.traceparent?.slice(3, 35),
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(ms * 100) / 100,
        user: request.context?.caller.principal.id,
        project: request.context?.projectId,
      });
    }
    done();
  });
}
