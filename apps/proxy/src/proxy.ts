/** Builds and starts the proxy: Nest on Fastify, and the door in front of all of it. */
import 'reflect-metadata';
import cors from '@fastify/cors';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import { pino, type Logger } from 'pino';
import { Registry } from 'prom-client';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Authenticator } from '#access';
import { createDoor } from './door.js';
import { Forwarder, type UpstreamLimits } from './forwarder.js';
import { operationIdOf } from './headers.js';
import { createObserver } from './observation.js';
import { answerProblem, answerUnreadable, Problem } from './problem.js';
import { ProxyModule } from './proxy.module.js';
import { Readiness } from './readiness.js';

/** Times in milliseconds. */
export interface ProxyLimits extends UpstreamLimits {
  /** For the head of a request, and for all of it. */
  readonly requestHeadMs: number;
  readonly requestMs: number;
  /** What running requests get to finish when the proxy closes. */
  readonly drainMs: number;
}

export const DEFAULT_LIMITS: ProxyLimits = {
  connectMs: 2_000,
  headersMs: 30_000,
  idleMs: 60_000,
  requestHeadMs: 10_000,
  requestMs: 60_000,
  drainMs: 10_000,
};

export interface ProxyConfig {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly commandApiUrl: string;
  readonly queryApiUrl: string;
  readonly authenticator: Authenticator;
  /** Origins that browsers may come from; CORS is off without any. */
  readonly corsOrigins?: readonly string[];
  /** One line a request at level info; silent by default. */
  readonly log?: Logger;
  readonly registry?: Registry;
  readonly limits?: Partial<ProxyLimits>;
}

export interface RunningProxy {
  readonly app: NestFastifyApplication;
  /** Origin, with the port that was taken. */
  readonly url: string;
  /** Takes no more, lets running requests finish, ends event streams. */
  close(): Promise<void>;
}

const MAX_HEAD_BYTES = 16_384;

/** Starts a proxy; it listens when the promise resolves. It does not wait for its upstreams: `/readyz` tells about them. */
export async function createProxy(config: ProxyConfig): Promise<RunningProxy> {
  const limits = { ...DEFAULT_LIMITS, ...config.limits };
  const registry = config.registry ?? new Registry();
  const log = config.log ?? pino({ enabled: false });
  const forwarder = new Forwarder(limits);
  const upstreams = {
    command: forwarder.addUpstream('command API', config.commandApiUrl),
    query: forwarder.addUpstream('query API', config.queryApiUrl),
  };
  const readiness = new Readiness(Object.values(upstreams), Date.now);

  const adapter = new FastifyAdapter(serverOptions(limits));
  const app = await NestFactory.create<NestFastifyApplication>(ProxyModule.with(readiness, registry), adapter, {
    bodyParser: false,
    logger: ['error', 'fatal'],
    abortOnError: false,
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  if (config.corsOrigins?.length) {
    await fastify.register(cors, {
      origin: [...config.corsOrigins],
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: ['ETag', 'X-Operation-ID', 'X-Read-Lag-Events'],
    });
  }
  const observe = createObserver(registry, log);
  fastify.decorateRequest('passage');
  fastify.addHook('onRequest', createDoor({ authenticator: config.authenticator, forwarder, upstreams, log }));
  fastify.addHook('onResponse', (request, reply, done) => {
    observe(request, reply);
    done();
  });
  await app.listen(config.port, config.host);

  return {
    app,
    url: await app.getUrl(),
    async close() {
      const server = fastify.server;
      const closed = app.close();
      forwarder.drain();
      const impatience = setTimeout(() => server.closeAllConnections(), limits.drainMs);
      await closed;
      clearTimeout(impatience);
      await forwarder.close();
    },
  };
}

function serverOptions(limits: ProxyLimits): FastifyHttpOptions<Server> {
  return {
    genReqId: (request: IncomingMessage) => operationIdOf(request.headers['x-operation-id']),
    exposeHeadRoutes: false,
    return503OnClosing: false,
    requestTimeout: limits.requestMs,
    http: { maxHeaderSize: MAX_HEAD_BYTES, headersTimeout: limits.requestHeadMs, connectionsCheckingInterval: 1_000 },
    // A path that Fastify's own router can't decode does not reach the door.
    frameworkErrors: (_error, request, reply) => {
      reply.hijack();
      answerProblem(reply.raw, new Problem(17, 'the request target is malformed'), request.id);
    },
    clientErrorHandler: (error, socket) => {
      // Node keeps the answer under way here: a second one in its middle would be garbage.
      const current = (socket as { _httpMessage?: ServerResponse })._httpMessage;
      if (!socket.writable || error.code === 'ECONNRESET' || current?.headersSent) socket.destroy();
      else answerUnreadable(socket, new Problem(17, unreadable(error.code)), operationIdOf(undefined));
    },
  };
}

function unreadable(code: string | undefined): string {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'the request took too long to arrive';
  if (code === 'HPE_HEADER_OVERFLOW') return `the head of the request must not be larger than ${MAX_HEAD_BYTES} bytes`;
  return 'the request is not valid HTTP/1.1';
}
