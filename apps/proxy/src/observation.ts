/** What the proxy tells about its requests and itself: numbers for Prometheus, a log line and, where it is due, a record for the audit. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Logger } from 'pino';
import type { ProxyDecision } from '#contracts';
import type { AuditTrail } from './audit/audit-trail.js';
import type { Forwarder } from './forwarder.js';
import type { Passage } from './passage.js';
import type { CompiledRow } from './router.js';

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
  /** A request that is not HTTP: nothing is known of it but how it was answered. @param isTold worth a record */
  unreadable(status: number, operationId: string, isTold: boolean): void;
  /** A connection that was one too many. */
  dropped(): void;
}

export function createObserver(registry: Registry, log: Logger, observed: Observed): Observer {
  const registers = [registry];
  // What every request counts is added up here, and told when someone asks: the library's counting costs more than the rest of it.
  const tallies = new Map<CompiledRow | undefined, Map<string, Map<number, number>>>();
  const passed = { in: 0, out: 0 };
  registry.registerMetric(
    new Counter({
      name: 'ambient_proxy_requests_total',
      help: 'Requests at the proxy by route group, destination, method and status',
      labelNames: ['group', 'to', 'method', 'status'] as const,
      registers: [],
      collect() {
        for (const [row, methods] of tallies) {
          for (const [method, statuses] of methods) {
            for (const [status, count] of statuses)
              this.labels(groupOf(row), row?.to ?? 'none', method, String(status)).inc(count);
          }
        }
        tallies.clear();
      },
    }),
  );
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
  registry.registerMetric(
    new Counter({
      name: 'ambient_proxy_body_bytes_total',
      help: 'Bytes of bodies that passed, by direction',
      labelNames: ['direction'] as const,
      registers: [],
      collect() {
        this.labels('in').inc(passed.in);
        this.labels('out').inc(passed.out);
        passed.in = passed.out = 0;
      },
    }),
  );
  const dropped = new Counter({
    name: 'ambient_proxy_connections_dropped_total',
    help: 'Connections closed at once because there were too many',
    registers,
  });
  gauges(registry, observed);

  // Resolving labels costs more than observing.
  const groups = new Map<string, { observe(value: number): void }>();

  const tally = (row: CompiledRow | undefined, method: string, status: number): void => {
    let methods = tallies.get(row);
    if (!methods) tallies.set(row, (methods = new Map()));
    let statuses = methods.get(method);
    if (!statuses) methods.set(method, (statuses = new Map()));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };

  const count = ({ row, method, status, relay, startedAt, isAllowed, problem, rule }: Passage): void => {
    tally(row, method, status);
    const group = groupOf(row);
    let duration = groups.get(group);
    if (!duration) groups.set(group, (duration = durations.labels(group)));
    duration.observe(performance.now() - startedAt);
    if (problem && !isAllowed) denials.labels(rule).inc();
    if (!relay) return;
    passed.in += relay.bytesIn;
    passed.out += relay.bytesOut;
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
    unreadable(status, operationId, isTold) {
      tally(undefined, NO_METHOD, status);
      denials.labels(UNREADABLE).inc();
      if (isTold) observed.audit.record(unreadableDecision(status, operationId));
    },
    dropped: () => dropped.inc(),
  };
}

/** As logs have it where there is none. */
const NO_METHOD = '-';
const UNREADABLE = 'protocol';

/** Nothing of what came is in it: it may be anything. */
const unreadableDecision = (status: number, operation_id: string): ProxyDecision => ({
  at: new Date().toISOString(),
  method: NO_METHOD,
  parameters: {},
  decision: 'denied',
  rule: UNREADABLE,
  status,
  bytes_in: 0,
  bytes_out: 0,
  duration_ms: 0,
  operation_id,
});

const groupOf = (row: CompiledRow | undefined): string => row?.group ?? 'none';

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
