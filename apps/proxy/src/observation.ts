/** What the proxy tells about its requests: numbers for Prometheus, and one log line each. */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Row } from './rows.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the door found out about a request. Nothing secret, no query values. */
    passage?: { row?: Row; user?: string };
  }
}

/** Makes the hook that counts and logs a finished request. */
export function createObserver(registry: Registry, log: Logger): (request: FastifyRequest, reply: FastifyReply) => void {
  const requests = new Counter({
    name: 'ambient_proxy_requests_total',
    help: 'Requests at the proxy by route group, destination, method and status',
    labelNames: ['group', 'to', 'method', 'status'] as const,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'ambient_proxy_request_duration_ms',
    help: 'Time from the head of a request to the last byte of its answer, milliseconds',
    labelNames: ['group'] as const,
    buckets: [0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000],
    registers: [registry],
  });

  return (request, reply) => {
    const { row, user } = request.passage ?? {};
    const group = row?.group ?? 'none';
    const { statusCode: status } = reply.raw;
    const ms = reply.elapsedTime;
    requests.labels(group, row?.to ?? 'none', request.method, String(status)).inc();
    durations.labels(group).observe(ms);
    log.info({
      operation_id: request.id,
      method: request.method,
      route: row?.template,
      to: row?.to,
      status,
      ms: Math.round(ms * 100) / 100,
      user,
    });
  };
}
