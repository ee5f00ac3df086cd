/** Builds and starts the proxy: the door in front of all of it, and behind it, for the proxy's own routes, Nest on Fastify. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino, type Logger } from 'pino';
import { Registry } from 'prom-client';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Authenticator } from '#access';
import type { CallerRoles } from './access/caller-roles.js';
import { AuditTrail, type AuditOptions, type AuditSink } from './audit/audit-trail.js';
import { createCors } from './cors.js';
import { toBackend, toService } from './destinations.js';
import { Door, type Deliver } from './door.js';
import { Forwarder, MAX_HEAD_BYTES } from './forwarder.js';
import { operationIdOf } from './headers.js';
import { RateLimiter, type RateLimit } from './limits/rate-limiter.js';
import { createObserver, type Observer } from './observation.js';
import { answerUnreadable, Problem } from './problem.js';
import { ProxyModule } from './proxy.module.js';
import { Readiness } from './readiness.js';
import type { RelayLimits } from './relay.js';
import { ROWS, type Row } from './rows/index.js';
import { toRunner, type RunnerConfig } from './runner/index.js';

/** Times in milliseconds. */
export interface ProxyLimits extends RelayLimits {
  /** For the head of a request, and for all of it. */
  readonly requestHeadMs: number;
  readonly requestMs: number;
  /** What running requests get to finish when the proxy closes, and after them the audit. */
  readonly drainMs: number;
  readonly auditDrainMs: number;
  /** Open at once. */
  readonly maxConnections: number;
  /** Requests of one user. */
  readonly callers: RateLimit;
  /** Requests from one address to routes without authentication that say so. */
  readonly strangers: RateLimit;
  /** Failed authentications from one address. */
  readonly failures: RateLimit;
}

export const DEFAULT_LIMITS: ProxyLimits = {
  connectMs: 2_000,
  headersMs: 30_000,
  idleMs: 60_000,
  requestHeadMs: 10_000,
  requestMs: 300_000,
  drainMs: 5_000,
  auditDrainMs: 2_000,
  maxConnections: 10_000,
  callers: { perSecond: 0, burst: 0 },
  strangers: { perSecond: 10, burst: 60 },
  failures: { perSecond: 100, burst: 1_000 },
};

export interface ProxyConfig {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly commandApiUrl: string;
  readonly queryApiUrl: string;
  /** Without it the routes of the backend answer 503. */
  readonly backendUrl?: string | undefined;
  /** The proxy's credential at the backend. */
  readonly backendToken?: string | undefined;
  /** Without it the routes of runners answer 503. */
  readonly runner?: RunnerConfig | undefined;
  readonly authenticator: Authenticator;
  readonly callerRoles: CallerRoles;
  /** Where decisions are recorded. */
  readonly auditSink: AuditSink;
  readonly audit?: Partial<Omit<AuditOptions, 'sink' | 'onFailure'>>;
  /** Origins that browsers may come from; CORS is off without any. */
  readonly corsOrigins?: readonly string[];
  /** One line a request at level info; silent by default. */
  readonly log?: Logger;
  readonly registry?: Registry;
  readonly limits?: Partial<ProxyLimits>;
  /** What passes; all of it by default. */
  readonly rows?: readonly Row[];
}

export interface RunningProxy {
  readonly app: NestFastifyApplication;
  /** Origin, with the port that was taken. */
  readonly url: string;
  /** Takes no more, lets running requests finish, ends event streams, and writes what is left of the audit. */
  close(): Promise<void>;
}

const CHECK_EVERY_MS = 1_000;
/** Longer than gateways keep their connections: who closes first loses no request. */
const KEEP_ALIVE_MS = 72_000;

/** Starts a proxy; it listens when the promise resolves. It does not wait for its upstreams: `/readyz` tells about them. */
export async function createProxy(config: ProxyConfig): Promise<RunningProxy> {
  const limits = { ...DEFAULT_LIMITS, ...config.limits };
  const registry = config.registry ?? new Registry();
  const log = config.log ?? pino({ enabled: false });
  const forwarder = new Forwarder(limits);
  const command = forwarder.addUpstream('command API', config.commandApiUrl);
  const query = forwarder.addUpstream('query API', config.queryApiUrl);
  const backend = config.backendUrl === undefined ? undefined : forwarder.addUpstream('backend', config.backendUrl);
  const audit = new AuditTrail({ ...config.audit, sink: config.auditSink, onFailure: tellOnce(log) });

  const connections = new Set<Socket>();
  let server: Server | undefined;
  let own: RequestListener = () => undefined;
  const observer = createObserver(registry, log, { audit, forwarder, connections: () => connections.size });
  const toSelf: Deliver = ({ request, response, operationId, ownHeaders }) => {
    // For Fastify, which takes the id of the request from there.
    request.headers['x-operation-id'] = operationId;
    for (const name in ownHeaders) response.setHeader(name, ownHeaders[name] ?? '');
    own(request, response);
  };
  const limiter = (limit: RateLimit) => new RateLimiter(limit, () => performance.now());
  const failures = limiter(limits.failures);
  const door = new Door({
    rows: config.rows ?? ROWS,
    authenticator: config.authenticator,
    callerRoles: config.callerRoles,
    audit,
    destinations: {
      self: toSelf,
      command: toService(forwarder, command),
      query: toService(forwarder, query),
      backend: toBackend(forwarder, backend, config.backendToken),
      runner: config.runner
        ? toRunner({ ...config.runner, forwarder, backend: backend && { upstream: backend, token: config.backendToken } })
        : () => {
            throw new Problem(503, 'no runner is configured');
          },
    },
    cors: createCors(config.corsOrigins ?? []),
    limits: { callers: limiter(limits.callers), strangers: limiter(limits.strangers), failures },
    log,
    onClosed: passage => observer.closed(passage),
  });

  const adapter = new FastifyAdapter({
    genReqId: (request: IncomingMessage) => operationIdOf(request.headers['x-operation-id']),
    exposeHeadRoutes: false,
    return503OnClosing: false,
    serverFactory: (handler: RequestListener): Server => {
      own = handler;
      server = serverFor(door, limits, observer, connections);
      return server;
    },
    clientErrorHandler: answerUnreadableWith(observer, failures),
  });
  const readiness = new Readiness([command, query], Date.now);
  const app = await NestFactory.create<NestFastifyApplication>(ProxyModule.with(readiness, registry), adapter, {
    bodyParser: false,
    logger: ['error', 'fatal'],
    abortOnError: false,
  });
  await app.listen(config.port, config.host);

  return {
    app,
    url: await app.getUrl(),
    async close() {
      const closed = app.close();
      forwarder.drain();
      // Node waits for connections that have not asked for anything yet.
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
      const impatience = setTimeout(() => server?.closeAllConnections(), limits.drainMs);
      await closed;
      clearTimeout(impatience);
      forwarder.close();
      await audit.close(limits.auditDrainMs);
    },
  };
}

function serverFor(door: Door, limits: ProxyLimits, observer: Observer, connections: Set<Socket>): Server {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: limits.requestHeadMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      optimizeEmptyRequests: true,
    },
    (request, response) => door.handle(request, response),
  );
  server.maxConnections = limits.maxConnections;
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return server.on('drop', () => observer.dropped());
}

/** What becomes of a request that is no HTTP: the attempt is recorded, as far as its address has not made too many of them. */
const answerUnreadableWith =
  (observer: Observer, failures: RateLimiter) =>
  (error: NodeJS.ErrnoException, socket: Socket): void => {
    // Node keeps the answer under way here: a second one in its middle would be garbage.
    const current = (socket as { _httpMessage?: ServerResponse })._httpMessage;
    if (!socket.writable || error.code === 'ECONNRESET' || current?.headersSent) return void socket.destroy();
    const operationId = operationIdOf(undefined);
    const problem = new Problem(17, unreadable(error.code));
    // One whose head was read has its own record.
    const isTold = !current && socket.bytesRead > 0 && failures.take(socket.remoteAddress ?? '') !== 'no';
    observer.unreadable(problem.status, operationId, isTold);
    answerUnreadable(socket, problem, operationId);
  };

function unreadable(code: string | undefined): string {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'the request took too long to arrive';
  if (code === 'HPE_HEADER_OVERFLOW') return `the head of the request must not be larger than ${MAX_HEAD_BYTES} bytes`;
  return 'the request is not valid HTTP/1.1';
}

/** Not for every batch that fails: the first of a row says it all, and the metrics tell when it is over. */
function tellOnce(log: Logger): (error: unknown) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return error => {
    if (performance.now() - toldAt < 10_000) return;
    toldAt = performance.now();
    log.error({ err: error }, 'the audit can not be written; after 10 s nothing passes to other systems');
  };
}
