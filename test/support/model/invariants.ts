/**
 * The invariants of scheduling (domain invariants 1 to 3, and the policies), held against a log and nothing else. Written from the text of
 * the specification: it shares no rule with the code that it checks.
 */
import { runIdOf } from '#contracts';
import type { RecordedEvent } from '#event-store';
import { brokenLink } from '../chain.js';
import { fires, minutes } from './naive-ticks.js';

/** Of everything there is in an event that a check looks at. */
interface Seen {
  /** Its place in the log. */
  readonly at: number;
  readonly stream: string;
  readonly category: string;
  /** Of its aggregate. */
  readonly id: string;
  readonly type: string;
  readonly payload: Record<string, any>;
  readonly metadata: Record<string, any>;
}

/** A tick that was noticed this late was missed; before that, whoever asks for it may not have come to it. */
const LATE_MS = 31_000;
const TERMINAL = ['Stopped', 'Completed', 'Failed'];
const OUTCOMES = ['RunStarted', 'RunSkipped', 'RunMissed', 'RunQueued', 'RunDropped'];
const isByTick = ({ payload }: Seen): boolean => payload['trigger'] === 'schedule' || payload['trigger'] === 'catch_up';

export interface Findings {
  /** Wrong for ever. */
  readonly broken: readonly string[];
  /** Wrong if it stays so. */
  readonly owed: readonly string[];
}

/** @param now milliseconds since 1970 */
export function examine(log: readonly RecordedEvent[], now: number): Findings {
  const history = new LogOfScheduling(log);
  const findings = [ticks(history, now), runs(history), sessions(history), waiting(history), pauses(history), eventIds(history)];
  return { broken: findings.flatMap(({ broken }) => broken), owed: findings.flatMap(({ owed }) => owed) };
}

/** The tamper evidence of every stream, by another implementation of it. */
export function brokenChains(log: readonly RecordedEvent[]): string[] {
  const streams = Map.groupBy(log, ({ stream }) => stream);
  return [...streams.values()].flatMap(events => {
    const hashed = events.map(event => ({ ...event, payload: JSON.parse(event.data), metadata: JSON.parse(event.metadata) }));
    return brokenLink(hashed) ?? [];
  });
}

const parsed = new WeakMap<RecordedEvent, Omit<Seen, 'at'>>();

function parse(event: RecordedEvent): Omit<Seen, 'at'> {
  const known = parsed.get(event);
  if (known) return known;
  const { stream, type, data, metadata } = event;
  const dash = stream.indexOf('-');
  const seen = {
    stream,
    category: stream.slice(0, dash),
    id: stream.slice(dash + 1),
    type,
    payload: JSON.parse(data),
    metadata: JSON.parse(metadata),
  };
  parsed.set(event, seen);
  return seen;
}

/** A schedule as its events up to some point tell it; undefined when there is none. */
type Config = Record<string, any> | undefined;

/** A change of a schedule: its place, its time, and what holds after it. */
interface Change {
  readonly at: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly config: Config;
}

class LogOfScheduling {
  readonly events: readonly Seen[];
  private readonly byStream: Map<string, Seen[]>;
  private readonly changes = new Map<string, readonly Change[]>();

  constructor(log: readonly RecordedEvent[]) {
    this.events = log.map((event, at) => ({ ...parse(event), at }));
    this.byStream = Map.groupBy(this.events, ({ stream }) => stream);
  }

  /** Every aggregate of a category, and its events. */
  all(category: string): [string, readonly Seen[]][] {
    const streams = [...this.byStream.values()].filter(([first]) => first?.category === category);
    return streams.map(events => [events[0]?.id ?? '', events]);
  }

  of(category: string, id: string): readonly Seen[] {
    return this.byStream.get(`${category}-${id}`) ?? [];
  }

  /** The configuration that held just before a tick (decision 006), as far as a place of the log tells. */
  configBefore(scheduleId: string, tick: number, at = Number.POSITIVE_INFINITY): Config {
    let config: Config;
    for (const change of this.changesOf(scheduleId)) {
      if (change.at >= at || change.time >= tick) break;
      config = change.config;
    }
    return config;
  }

  /** The configuration at a place of the log. */
  configAt(scheduleId: string, at: number): Config {
    return this.changesOf(scheduleId).findLast(change => change.at < at)?.config;
  }

  /**
   * The configurations by which an outcome may have been decided: changes of the same moment come in any order (with a clock that was set
   * back they may also be older than the tick), and an engine that cuts appends shows who was let in before it shows what became of the run.
   */
  configsOfDecision({ at, id, type, payload }: Seen, tick: number): Config[] {
    const scheduleId = payload['scheduled_session_id'] as string;
    const places = this.placesOfMoment(scheduleId, at, Date.parse(payload['decided_at']));
    const entry = type === 'RunStarted' ? this.events[this.entryOf(id, payload['session_id'])] : undefined;
    if (entry) places.push(...this.placesOfMoment(scheduleId, entry.at, Date.parse(entry.metadata['occurred_at'])));
    return places.map(place => this.configBefore(scheduleId, tick, place));
  }

  private placesOfMoment(scheduleId: string, at: number, moment: number): number[] {
    const places = [at];
    for (const change of this.changesOf(scheduleId).toReversed()) {
      if (change.at >= at) continue;
      if (change.time !== moment) break;
      places.push(change.at);
    }
    return places;
  }

  /** Where a run was first let in or came to wait. */
  entryOf(runId: string, sessionId: string): number {
    const isEntry = ({ category, payload }: Seen): boolean =>
      category === 'occupancy' &&
      (payload['session_id'] === sessionId || payload['waiting'].some((entry: Seen['payload']) => entry['run_id'] === runId));
    return this.events.find(isEntry)?.at ?? Number.POSITIVE_INFINITY;
  }

  /** A clock that was set back came to this tick again, after a change and after an outcome of a later tick: that time is settled. */
  hasPassed(scheduleId: string, tick: number): boolean {
    const change = this.changesOf(scheduleId).findLast(({ time }) => time < tick);
    return this.events.some(
      event =>
        event.at < (change?.at ?? 0) &&
        event.payload['scheduled_session_id'] === scheduleId &&
        OUTCOMES.includes(event.type) &&
        isByTick(event) &&
        Date.parse(event.payload['to'] ?? event.payload['scheduled_for']) > tick,
    );
  }

  private changesOf(scheduleId: string): readonly Change[] {
    const known = this.changes.get(scheduleId);
    if (known) return known;
    let config: Config;
    const changes = this.of('scheduledSession', scheduleId).map(event => {
      config = configAfter(config, event);
      return { at: event.at, time: Date.parse(event.metadata['occurred_at']), config };
    });
    this.changes.set(scheduleId, changes);
    return changes;
  }
}

function configAfter(config: Config, { type, payload }: Seen): Config {
  switch (type) {
    case 'ScheduledSessionCreated':
      return payload;
    case 'ScheduledSessionUpdated':
      return { ...config, ...payload['changes'] };
    case 'ScheduledSessionSuspended':
      return { ...config, enabled: false };
    case 'ScheduledSessionResumed':
      return { ...config, enabled: true };
    case 'ScheduledSessionDeleted':
      return undefined;
    default:
      throw new Error(`what ${type} does to a schedule is not known here`);
  }
}

function isDue(config: Config, tick: number): boolean {
  if (!config?.['enabled']) return false;
  const { schedule, timezone, start_at, end_at } = config;
  if (start_at && tick < Date.parse(start_at)) return false;
  if (end_at && tick > Date.parse(end_at)) return false;
  return fires(schedule, timezone, tick);
}

/**
 * The ticks that an outcome decided, as its decider knew the schedule: what is recorded later with an earlier time, by a clock that was set
 * back, does not undo a decision.
 */
function dueWithin(
  log: LogOfScheduling,
  outcome: Seen,
  { from, to, count }: { readonly from: number; readonly to: number; readonly count: number },
): number[] {
  const known = minutes(from - 1, to).map(tick => ({ tick, configs: log.configsOfDecision(outcome, tick) }));
  const views = (known[0]?.configs ?? []).map((_, view) =>
    known.filter(({ tick, configs }) => isDue(configs[view], tick)).map(({ tick }) => tick),
  );
  return views.find(({ length }) => length === count) ?? views[0] ?? [];
}

/** Invariants 1 and 2: every nominal tick has one outcome, by itself or within a range, and nothing else has one. */
function ticks(log: LogOfScheduling, now: number): Findings {
  const broken: string[] = [];
  const owed: string[] = [];
  const outcomes = Map.groupBy(
    log.all('scheduledSessionRun').flatMap(([, [first]]) => (first && isByTick(first) ? [first] : [])),
    ({ payload }) => payload['scheduled_session_id'] as string,
  );
  const starts = Map.groupBy(
    log.events.filter(event => event.type === 'RunStarted' && isByTick(event)),
    ({ payload }) => payload['scheduled_session_id'] as string,
  );
  for (const [scheduleId, [created]] of log.all('scheduledSession')) {
    const nominal = new Map<number, Config>();
    for (const tick of minutes(Date.parse(created?.metadata['occurred_at']), now + 3_600_000)) {
      const config = log.configBefore(scheduleId, tick);
      if (isDue(config, tick)) nominal.set(tick, config);
    }
    const covered = new Map<number, number>();
    for (const outcome of outcomes.get(scheduleId) ?? []) {
      const { id, payload } = outcome;
      const from = Date.parse(payload['from'] ?? payload['scheduled_for']);
      const to = Date.parse(payload['to'] ?? payload['scheduled_for']);
      const within = dueWithin(log, outcome, { from, to, count: payload['count'] ?? 1 });
      if (within.length !== (payload['count'] ?? 1))
        broken.push(`run ${id} counts ${payload['count'] ?? 1}, due are ${within.length}`);
      if (runIdOf(scheduleId, payload['scheduled_for']) !== id) broken.push(`run ${id} is not that of its tick`);
      for (const tick of within) covered.set(tick, (covered.get(tick) ?? 0) + 1);
    }
    const started = starts.get(scheduleId) ?? [];
    for (const [tick, config] of nominal) {
      const times = covered.get(tick) ?? 0;
      const text = `tick ${new Date(tick).toISOString()} of ${scheduleId}`;
      if (times > 1) broken.push(`${text} has ${times} outcomes`);
      const isExhausted = started.length >= (config?.['max_runs'] ?? Number.POSITIVE_INFINITY);
      const isOver = tick + 1000 * config?.['jitter'] + LATE_MS <= now;
      if (times === 0 && isOver && !isExhausted && !log.hasPassed(scheduleId, tick)) owed.push(`${text} has no outcome`);
    }
    for (const [count, start] of started.entries()) {
      const { payload, id } = start;
      const configs = log.configsOfDecision(start, Date.parse(payload['scheduled_for']));
      const most = Math.max(...configs.map(config => config?.['max_runs'] ?? Number.POSITIVE_INFINITY));
      const last = started[most - 1];
      // An engine that cuts appends shows who was let in before it shows what became of the run.
      if (last && count >= most && log.entryOf(id, payload['session_id']) > last.at) {
        broken.push(`run ${id} is the start number ${count + 1} of at most ${most}`);
      }
    }
  }
  return { broken, owed };
}

/** What the letters of a run's events may spell: one outcome, one that waited has it later, and an end behind a start. */
const LIFE = /^Q?(SF?|K|D)$|^M$/;
const UNFINISHED = /^Q$/;
const LETTERS: Record<string, string> = {
  RunStarted: 'S',
  RunSkipped: 'K',
  RunMissed: 'M',
  RunQueued: 'Q',
  RunDropped: 'D',
  RunFinished: 'F',
};

function runs(log: LogOfScheduling): Findings {
  const broken: string[] = [];
  const owed: string[] = [];
  for (const [id, events] of log.all('scheduledSessionRun')) {
    const life = events.map(({ type }) => LETTERS[type]).join('');
    if (UNFINISHED.test(life)) owed.push(`run ${id} waits for ever`);
    else if (!LIFE.test(life)) broken.push(`run ${id} has the events ${life}`);
    const started = events.find(({ type }) => type === 'RunStarted');
    const finished = events.find(({ type }) => type === 'RunFinished');
    if (!started) continue;
    const session = log.of('session', started.payload['session_id']);
    if (session[0]?.payload['run_id'] !== id) broken.push(`run ${id} started a session that is not its own`);
    const end = session.find(event => TERMINAL.includes(event.payload['changes']?.['phase']));
    if (finished) {
      if (finished.payload['session_id'] !== started.payload['session_id']) broken.push(`run ${id} ends with another session`);
      if (!end || end.at > finished.at || end.payload['changes']['phase'] !== finished.payload['phase']) {
        broken.push(`run ${id} ends ${finished.payload['phase']}, and its session does not`);
      }
    } else if (end) {
      owed.push(`run ${id} does not end, and its session has`);
    }
  }
  return { broken, owed };
}

/** From its admission to its end. */
interface Stay {
  readonly sessionId: string;
  readonly occupant: string;
  readonly from: number;
  readonly to: number;
  /** Started by a policy that lets in one at a time. */
  readonly isAlone: boolean;
}

/** Invariants 1 and 3. With an engine that cuts appends, the order of admissions is the order of the starts. */
function sessions(log: LogOfScheduling): Findings {
  const broken: string[] = [];
  const owed: string[] = [];
  const stays: Stay[] = [];
  const ofRun = new Set<string>();
  for (const [sessionId, events] of log.all('session')) {
    const [created] = events;
    if (!created) continue;
    const { run_id, agent_id, scheduled_session_id } = created.payload;
    if (run_id !== undefined) {
      if (ofRun.has(run_id)) broken.push(`run ${run_id} has two sessions`);
      ofRun.add(run_id);
      const started = log.of('scheduledSessionRun', run_id).find(({ type }) => type === 'RunStarted');
      // A trigger by hand that was cut off is completed by its repetition, which is refused when the schedule is gone.
      const isForgotten = created.payload['prompt'] !== undefined && !log.configAt(scheduled_session_id, log.events.length);
      if (!started && !isForgotten) owed.push(`session ${sessionId} is there, and its run ${run_id} does not say so`);
    }
    const starts = events.filter(({ type }) => type === 'SessionStarted');
    if (starts.length > 1) broken.push(`session ${sessionId} was started twice`);
    const start = starts[0]?.at ?? Number.POSITIVE_INFINITY;
    const occupant = (agent_id ?? scheduled_session_id) as string;
    const admission = log
      .of('occupancy', occupant)
      .findLast(({ type, payload, at }) => type === 'SessionAdmitted' && payload['session_id'] === sessionId && at < start);
    if (!admission) broken.push(`session ${sessionId} was started and never let in`);
    const end = events.find(({ type, payload }) => type === 'SessionDeleted' || TERMINAL.includes(payload['changes']?.['phase']));
    const isAlone = !policiesOf(log, created.payload).includes('allow');
    stays.push({ sessionId, occupant, from: admission?.at ?? start, to: end?.at ?? Number.POSITIVE_INFINITY, isAlone });
  }
  for (const alone of stays.filter(({ isAlone }) => isAlone)) {
    const others = stays.filter(
      ({ sessionId, occupant, from, to }) =>
        sessionId !== alone.sessionId && occupant === alone.occupant && from < alone.from && to > alone.from,
    );
    for (const { sessionId } of others)
      broken.push(`session ${alone.sessionId} was let in to ${sessionId}, by a policy that does not`);
  }
  return { broken, owed };
}

/** The overlap policies by which a session may have been let in; none for agents' start, which lets in one at a time. */
function policiesOf(log: LogOfScheduling, created: Record<string, any>): string[] {
  const { run_id, scheduled_session_id, scheduled_for, prompt } = created;
  if (run_id === undefined) return [];
  // A person who triggers says by which in the prompt, for this check.
  const said = /^overlap=(\w+)$/.exec(prompt ?? '')?.[1];
  if (said !== undefined) return [said];
  const [decided] = log.of('scheduledSessionRun', run_id);
  const tick = Date.parse(scheduled_for);
  const configs = decided ? log.configsOfDecision(decided, tick) : [log.configBefore(scheduled_session_id, tick)];
  return configs.map(config => config?.['overlap_policy'] as string);
}

/** At most one run of a schedule waits, and only a later one takes its place. */
function waiting(log: LogOfScheduling): Findings {
  const broken: string[] = [];
  for (const [, events] of log.all('occupancy')) {
    for (const { payload, at } of events) {
      const entries = payload['waiting'] as { run_id: string; scheduled_session_id: string; superseded?: true }[];
      const places = entries.filter(({ superseded }) => !superseded).map(entry => entry.scheduled_session_id);
      if (new Set(places).size < places.length) broken.push(`two runs of one schedule wait at ${at}`);
    }
  }
  for (const [id, events] of log.all('scheduledSessionRun')) {
    const dropped = events.find(({ type }) => type === 'RunDropped');
    if (!dropped) continue;
    const { reason, scheduled_session_id } = dropped.payload;
    const before = log.events.filter(({ type, at }) => type === 'WaitingRunsChanged' && at < dropped.at);
    if (reason === 'superseded') {
      const own = (event: Seen) => (event.payload['waiting'] as any[]).find(entry => entry.run_id === id);
      const change = before.find(event => own(event)?.superseded);
      const successor = (change?.payload['waiting'] as any[] | undefined)?.at(-1);
      const isLater = successor?.run_id !== id && successor?.scheduled_session_id === scheduled_session_id;
      if (!isLater || !before.some(event => own(event) && event !== change))
        broken.push(`run ${id} was superseded by no later one`);
    } else {
      const isFull = before.some(({ payload }) =>
        (payload['waiting'] as any[]).some(entry => entry.run_id !== id && entry.scheduled_session_id === scheduled_session_id),
      );
      if (!isFull) broken.push(`run ${id} was dropped as ${reason}, and no other ever waited`);
    }
  }
  return { broken, owed: [] };
}

/** `pause_on_failure`: a run that ends Failed suspends its schedule, and a schedule is suspended by nothing else in the policy's name. */
function pauses(log: LogOfScheduling): Findings {
  const broken: string[] = [];
  const failed = log.events.filter(({ type, payload }) => type === 'RunFinished' && payload['phase'] === 'Failed');
  for (const { at, id, payload } of failed) {
    const scheduleId = payload['scheduled_session_id'] as string;
    const report = log.of('session', payload['session_id']).find(event => event.payload['changes']?.['phase'] === 'Failed');
    const isMeant = (config: Config): boolean => config?.['enabled'] === true && config['pause_on_failure'] === true;
    // Who edits it in the same moment may come before or after.
    const moment = Date.parse(report?.metadata['occurred_at']);
    const isChanged = log
      .of('scheduledSession', scheduleId)
      .some(event => event.at < at && Date.parse(event.metadata['occurred_at']) >= moment);
    if (!isChanged && isMeant(log.configAt(scheduleId, at))) broken.push(`run ${id} failed, and ${scheduleId} goes on`);
  }
  for (const [scheduleId, events] of log.all('scheduledSession')) {
    const suspended = events.filter(
      ({ type, payload }) => type === 'ScheduledSessionSuspended' && payload['reason'] === 'run_failed',
    );
    const own = log.events.filter(
      ({ category, payload, at }) =>
        category === 'session' && payload['changes']?.['phase'] === 'Failed' && at < (suspended.at(-1)?.at ?? 0),
    );
    if (suspended.length > own.length)
      broken.push(`${scheduleId} was suspended ${suspended.length} times, and ${own.length} sessions failed`);
    if (suspended.some(({ metadata }) => metadata['actor']['kind'] !== 'policy'))
      broken.push(`${scheduleId} was suspended by no policy`);
  }
  return { broken, owed: [] };
}

function eventIds(log: LogOfScheduling): Findings {
  const seen = new Set<string>();
  const broken: string[] = [];
  for (const { stream, metadata } of log.events) {
    const key = `${stream} ${metadata['event_id']}`;
    if (seen.has(key)) broken.push(`event ${key} is there twice`);
    seen.add(key);
  }
  return { broken, owed: [] };
}
