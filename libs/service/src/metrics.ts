/** Prometheus metrics of the process, one registry for all services in it. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export const registry = new Registry();
collectDefaultMetrics({ register: registry });

const registers = [registry];
const MS_BUCKETS = [0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000];

const requests = new Counter({
  name: 'ambient_http_requests_total',
  help: 'HTTP requests by service, method, route and status',
  labelNames: ['service', 'method', 'route', 'status'] as const,
  registers,
});
const durations = new Histogram({
  name: 'ambient_http_request_duration_ms',
  help: 'Time from the first byte in to the last byte out, milliseconds',
  labelNames: ['service'] as const,
  buckets: MS_BUCKETS,
  registers,
});

/** Counts one finished request. */
export function requestMetrics(service: string): (method: string, route: string, status: number, ms: number) => void {
  const duration = durations.labels(service);
  // Resolving labels costs more than counting.
  const counters = new Map<string, ReturnType<typeof requests.labels>>();
  return (method, route, status, ms) => {
    const key = `${method} ${route} ${status}`;
    const counter = counters.get(key) ?? requests.labels(service, method, route, String(status));
    counters.set(key, counter);
    counter.inc();
    duration.observe(ms);
  };
}

export const metrics = {
  appendLatency: new Histogram({
    name: 'ambient_append_duration_ms',
    help: 'Time until an append is durable, milliseconds',
    buckets: MS_BUCKETS,
    registers,
  }),
  commands: new Counter({
    name: 'ambient_commands_total',
    help: 'Commands by name and outcome (accepted, rejected, failed)',
    labelNames: ['command', 'outcome'] as const,
    registers,
  }),
  runs: new Counter({
    name: 'ambient_runs_total',
    help: 'Runs by outcome, reason and trigger',
    labelNames: ['outcome', 'reason', 'trigger'] as const,
    registers,
  }),
  tickLateness: new Histogram({
    name: 'ambient_tick_lateness_ms',
    help: 'Time from a tick to the publication of its TriggerRequested, milliseconds',
    buckets: MS_BUCKETS,
    registers,
  }),
  reconcilerRepaired: new Counter({
    name: 'ambient_reconciler_repaired_total',
    help: 'Ticks that had no outcome in time and were given one by housekeeping: 0 in a healthy system',
    registers,
  }),
  housekeepingPasses: new Counter({
    name: 'ambient_housekeeping_passes_total',
    help: 'Passes of housekeeping by result (done, failed), in the process that leads it',
    labelNames: ['result'] as const,
    registers,
  }),
  housekeeping: new Counter({
    name: 'ambient_housekeeping_total',
    help: 'What housekeeping has put right beside ticks: turn_given, session_stopped, session_ended, run_finished',
    labelNames: ['work'] as const,
    registers,
  }),
  projectionLag: new Gauge({
    name: 'ambient_projection_lag_events',
    help: 'Events in the log that the read models have not seen',
    registers,
  }),
  parkedEvents: new Gauge({ name: 'ambient_parked_events', help: 'Events that a projection could not apply', registers }),
  deadLetters: new Gauge({ name: 'ambient_dead_letters', help: 'Messages that could not be handled', registers }),
  feedLeftOut: new Gauge({
    name: 'ambient_feed_left_out_events',
    help: 'Events that could not be told in the event feed',
    registers,
  }),
  schedules: new Gauge({
    name: 'ambient_scheduler_schedules',
    help: 'Schedules that the scheduler has in its calendar',
    registers,
  }),
};
