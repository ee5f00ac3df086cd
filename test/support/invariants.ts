/** The invariants of the domain, held against what the stores and the broker of a system hold: no answer of the system is believed. */
import { expect } from '@jest/globals';
import type { RecordedEvent, SubscriptionBatch } from '#event-store';
import { COLLECTIONS, parkedEvents } from '#projections';
import { openReadStore } from '#read-store';
import { addressesFor } from './engines.js';
import type { Json } from './http.js';
import { MINUTE } from './past-ticks.js';
import type { PlainNats } from './plain-nats.js';
import { allEvents, brokenLinks, verifyReadModels } from './stores.js';
import { until } from './until.js';
import { watchLog } from './watched-log.js';

const OUTCOMES = ['RunStarted', 'RunSkipped', 'RunMissed'];
const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);
const isOf = (project: string | undefined, event: RecordedEvent): boolean =>
  project === undefined || payloadOf(event)['project_id'] === project;
const payloadOf = ({ data }: RecordedEvent): Json => JSON.parse(data);

/** Those that came before. */
function repeated(texts: readonly string[]): string[] {
  const seen = new Set<string>();
  return texts.filter(text => seen.size === seen.add(text).size);
}

/**
 * Waits until a system has nothing more to do, and checks everything.
 * Its schedules run each minute (`* * * * *`), or in this test not at all (`0 0 1 1 *`), and are not suspended.
 * @param options.project ticks and sessions are those of this project alone
 * @returns the log
 */
export async function expectInvariants(
  dataDir: string,
  nats: PlainNats,
  { project, timeoutMs = 90_000 }: { project?: string; timeoutMs?: number } = {},
): Promise<readonly RecordedEvent[]> {
  const now = Date.now();
  await untilDone(dataDir, project, now, timeoutMs);
  const log = await allEvents(dataDir);
  const ofProject = log.filter(event => isOf(project, event));
  expectTicks(ofProject, now);
  expectSessions(ofProject);
  expect(brokenLinks(log)).toEqual([]);
  expect(repeated(log.map(({ id, stream }) => `${stream} ${id}`))).toEqual([]);
  await expectReadModels(dataDir, timeoutMs);
  await expectFeed(log, nats, timeoutMs);
  await until(async () => (await nats.unacknowledged('AMBIENT_TRIGGERS')) === 0, timeoutMs, 'no request for a tick is left');
  expect(await nats.count('AMBIENT_DEAD')).toBe(0);
  return log;
}

/** What a log tells of ticks, as it grows. */
class Ticks {
  /** `{schedule} {instant}` */
  readonly due = new Set<string>();
  readonly decided: string[] = [];
  readonly #open = new Set<string>();

  /** @param now no tick after it is due (milliseconds since 1970) */
  constructor(private readonly now: number) {}

  /** Every due tick has an outcome, and every run that was started has ended. */
  get isDone(): boolean {
    const decided = new Set(this.decided);
    return this.#open.size === 0 && [...this.due].every(tick => decided.has(tick));
  }

  see(event: RecordedEvent): void {
    const payload = payloadOf(event);
    if (event.type === 'ScheduledSessionCreated') this.#created(idOf(event.stream), payload, JSON.parse(event.metadata));
    if (OUTCOMES.includes(event.type)) this.#outcome(payload);
    if (event.type === 'RunStarted') this.#open.add(event.stream);
    if (event.type === 'RunFinished') this.#open.delete(event.stream);
  }

  #created(id: string, { schedule, end_at }: Json, { occurred_at }: Json): void {
    if (schedule === '0 0 1 1 *') return;
    if (schedule !== '* * * * *') throw new Error(`when "${schedule}" is due is not known here`);
    const end = Math.min(this.now, end_at ? Date.parse(end_at) : Infinity);
    for (const tick of minutes(Date.parse(occurred_at) + 1, end)) this.due.add(`${id} ${tick}`);
  }

  #outcome({ scheduled_session_id: id, trigger, scheduled_for, from = scheduled_for, to = scheduled_for }: Json): void {
    if (trigger !== 'schedule' && trigger !== 'catch_up') return;
    for (const tick of minutes(Date.parse(from), Date.parse(to))) this.decided.push(`${id} ${tick}`);
  }
}

/** Full minutes from one instant to another, both included. */
function minutes(from: number, to: number): string[] {
  const found: string[] = [];
  for (let at = Math.ceil(from / MINUTE) * MINUTE; at <= to; at += MINUTE) found.push(new Date(at).toISOString());
  return found;
}

async function untilDone(dataDir: string, project: string | undefined, now: number, timeoutMs: number): Promise<void> {
  const ticks = new Ticks(now);
  const look = ({ events, caughtUp }: SubscriptionBatch): boolean => {
    for (const event of events) if (isOf(project, event)) ticks.see(event);
    return caughtUp && ticks.isDone;
  };
  try {
    await watchLog(dataDir, look, { timeoutMs, from: 'beginning', what: 'every tick has an outcome and every run has ended' });
  } catch (error) {
    // What is missing is told by the checks, one by one.
    console.warn(error);
  }
}

/** Invariants 1 and 2. */
function expectTicks(log: readonly RecordedEvent[], now: number): void {
  const ticks = new Ticks(now);
  for (const event of log) ticks.see(event);
  const decided = new Set(ticks.decided);
  const lost = [...ticks.due].filter(tick => !decided.has(tick));
  const notDue = [...decided].filter(tick => !ticks.due.has(tick) && Date.parse(tick.split(' ')[1]!) <= now);
  expect({ lost, notDue, doubled: repeated(ticks.decided) }).toEqual({ lost: [], notDue: [], doubled: [] });
}

/** Invariant 1, and that what a start consists of is there as a whole: session, first message, run and its end. */
function expectSessions(log: readonly RecordedEvent[]): void {
  const of = (type: string) => log.filter(event => event.type === type);
  const started = of('RunStarted').map(event => ({ run: event.stream, session: payloadOf(event)['session_id'] as string }));
  const ofRuns = of('SessionCreated').filter(event => payloadOf(event)['run_id'] !== undefined);
  const prompted = of('SessionCreated').filter(event => payloadOf(event)['prompt']);
  const asked = of('SessionMessageAppended').filter(event => payloadOf(event)['event_type'] === 'user');
  const opened = asked.filter(({ revision }) => revision === 0);
  const finished = of('RunFinished').map(({ stream }) => stream);
  const ended = new Set(finished);
  const phases = new Map(
    of('SessionStatusReported').map(event => [idOf(event.stream), payloadOf(event)['changes']['phase'] as string]),
  );
  expect({
    'runs with two sessions': repeated(started.map(({ run }) => run)),
    'runs without their session': missing(
      ofRuns.map(({ stream }) => idOf(stream)),
      started.map(({ session }) => session),
    ),
    'sessions without their run': missing(
      started.map(({ session }) => session),
      ofRuns.map(({ stream }) => idOf(stream)),
    ),
    'sessions of one run': repeated(ofRuns.map(event => payloadOf(event)['run_id'] as string)),
    'sessions admitted twice': repeated(of('SessionAdmitted').map(event => payloadOf(event)['session_id'] as string)),
    'sessions without their prompt': missing(
      asked.map(({ stream }) => idOf(stream)),
      prompted.map(({ stream }) => idOf(stream)),
    ),
    'sessions that do not begin with their prompt': missing(
      opened.map(({ stream }) => idOf(stream)),
      prompted.map(({ stream }) => idOf(stream)),
    ),
    'runs that do not end': started
      .filter(({ run }) => !ended.has(run))
      .map(({ run, session }) => `${run}: session ${session} is ${phases.get(session)}`),
    'runs that end twice': repeated(finished),
  }).toEqual({
    'runs with two sessions': [],
    'runs without their session': [],
    'sessions without their run': [],
    'sessions of one run': [],
    'sessions admitted twice': [],
    'sessions without their prompt': [],
    'sessions that do not begin with their prompt': [],
    'runs that do not end': [],
    'runs that end twice': [],
  });
}

/** Those of `wanted` that are not there. */
function missing(there: readonly string[], wanted: readonly string[]): string[] {
  const found = new Set(there);
  return wanted.filter(text => !found.has(text));
}

/** Invariant 6. */
async function expectReadModels(dataDir: string, timeoutMs: number): Promise<void> {
  await until(async () => (await verifyReadModels(dataDir)).caughtUp, timeoutMs, 'the read models hold the log');
  expect(await verifyReadModels(dataDir)).toMatchObject({ equal: true });
  const reads = await openReadStore((await addressesFor(dataDir)).readStore, COLLECTIONS);
  try {
    const { documents } = await reads.live.find({ collection: parkedEvents.name, orderBy: [], offset: 0, limit: 10 });
    expect(documents.map(({ json }) => json)).toEqual([]);
  } finally {
    await reads.close();
  }
}

/** Every event of the log is in the feed, in the order of the log, and nothing else is. */
async function expectFeed(log: readonly RecordedEvent[], nats: PlainNats, timeoutMs: number): Promise<void> {
  await until(async () => (await nats.count('AMBIENT_EVENTS')) >= log.length, timeoutMs, 'the feed holds the log');
  const ids = new Set((await nats.content('AMBIENT_EVENTS')).map(({ headers }) => headers['ce-id']));
  // After the log was read, more may have come.
  expect([...ids].slice(0, log.length)).toEqual(log.map(({ id }) => id));
}
