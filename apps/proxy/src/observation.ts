/** What the proxy tells about its requests and itself: numbers for Prometheus, a log line and, where it is due, a record for the audit. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Logger } from 'pino';
import type { AuditTrail } from './audit/audit-trail.js';
import type { Forwarder } from './forwarder.js';
import type { Passage } from './passage.js';

/** What is looked at when someone asks for the metrics. */
export interface Observed {
  readonly audit: AuditTrail;
  readonly forwarder: Forwarder;
  /** Connections of clients. */
  readonly connections: () => number;
}

export interface Observer {
  /** A request whose response is closed. */
  closed(passage: Passage): void;
  /** A connection that was one too many. */
  dropped(): void;
}

export function createObserver(registry: Registry, log: Logger, observed: Observed): Observer {
  const registers = [registry];
  const requests = new Counter({
    name: 'ambient_proxy_requests_total',
    help: 'Requests at the proxy by route group, destination, method and status',
    labelNames: ['group', 'to', 'method', 'status'] as const,
    registers,
  });
  const durations = new Histogram({
    name: 'ambient_proxy_request_duration_ms',
    help: 'Time from the head of a request to the last byte of its answer, milliseconds',
    labelNames: ['group'] as const,
    buckets: [0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000],
    registers,
  });
  const denials = new Counter({
    name: 'ambient_proxy_denials_total',
    help: 'Requests that the proxy refused, by what was decided',
    labelNames: ['rule'] as const,
    registers,
  });
  const bytes = new Counter({
    name: 'ambient_proxy_body_bytes_total',
    help: 'Bytes of bodies that passed, by direction',
    labelNames: ['direction'] as const,
    registers,
  });
  const dropped = new Counter({
    name: 'ambient_proxy_connections_dropped_total',
    help: 'Connections closed at once because there were too many',
    registers,
  });
  gauges(registry, observed);

  // Resolving labels costs more than counting.
  const counters = new Map<string, { inc(): void }>();
  const groups = new Map<string, { observe(value: number): void }>();
  const [inward, outward] = [bytes.labels('in'), bytes.labels('out')];

  const count = ({ row, method, status, relay, startedAt, isAllowed, problem, rule }: Passage): void => {
    const group = row?.group ?? 'none';
    const key = `${group} ${row?.to} ${method} ${status}`;
    const counter = counters.get(key) ?? requests.labels(group, row?.to ?? 'none', method, String(status));
    counters.set(key, counter);
    counter.inc();
    const duration = groups.get(group) ?? durations.labels(group);
    groups.set(group, duration);
    duration.observe(performance.now() - startedAt);
    if (problem && !isAllowed) denials.labels(rule).inc();
    if (!relay) return;
    inward.inc(relay.bytesIn);
    outward.inc(relay.bytesOut);
  };

  return {
    closed(passage) {
      count(passage);
      const { row, problem, isAllowed, isTold, principal, relay, method, status, operationId, startedAt } = passage;
      if (isTold && (row?.audited || (problem && !isAllowed))) observed.audit.record(passage.decision());
      if (!log.isLevelEnabled('info')) return;
      log.info({
        operation_id: operationId,
        method,
        route: row?.template,
        to: row?.to,
        status,
        ms: Math.round((performance.now() - startedAt) * 100) / 100,
        user: principal?.id,
        bytes_out: relay?.bytesOut,
      });
    },
    dropped: () => dropped.inc(),
  };
}

function gauges(registry: Registry, { audit, forwarder, connections }: Observed): void {
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  gauge('ambient_proxy_connections', 'Open connections of clients', connections);
  gauge('ambient_proxy_exchanges', 'Requests that are on their way to an upstream or back', () => forwarder.running);
  gauge('ambient_proxy_upstream_connections', 'Open connections to upstreams', () => forwarder.connections);
  gauge('ambient_proxy_audit_pending', 'Decisions that are not in the log yet', () => audit.pending);
  gauge('ambient_proxy_audit_recorded', 'Decisions that this process brought into the log', () => audit.recorded);
  gauge('ambient_proxy_audit_lost', 'Denials that found no room while the log could not be written', () => audit.dropped);
  gauge('ambient_proxy_audit_open', '1 while passthrough is possible, 0 while the audit can not be written', () =>
    Number(audit.isOpen),
  );
}
