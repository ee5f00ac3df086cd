/** Gathers the facts for an explanation, as new as the request: single streams from the log, what is to be searched from the read model. */
import { Inject, Injectable } from '@nestjs/common';
import { runIdOf, streams, type Occurred, type Run } from '#contracts';
import { agent, scheduleBefore, type RunEvent, type Schedule, type ScheduledSessionEvent, type SessionEvent } from '#domain';
import { Journal } from '#journal';
import { ReadBarrier, runs as RUNS } from '#projections';
import { allOf, equals, type Comparison, type Filter, type Query, type ReadStore } from '#read-store';
import { instant, Problem } from '#service';
import { bodyOf, PATIENCE_MS } from '../../support/lists.js';
import { READ_STORE } from '../../support/tokens.js';
import { NO_STARTS, type Evidence, type RunHistory, type RunStart, type Starts } from './evidence.js';

/** Where the answer rests on the read model it is worth a longer wait than a list, which may say that it is behind. Milliseconds. */
const LONG_PATIENCE_MS = 5000;
/** Runs of one second; there is no way to look at the rest but `…/runs`. */
const MOST_RUNS = 100;
const BY_TICK: Filter = { kind: 'in', field: 'trigger', values: ['schedule', 'catch_up'] };

export interface Gathered {
  readonly evidence: Evidence;
  /** Events that the read model lacks: runs by hand of the last moments may be missing. */
  readonly lagEvents?: number | undefined;
}

@Injectable()
export class EvidenceReader {
  constructor(
    @Inject(Journal) private readonly journal: Journal,
    @Inject(READ_STORE) private readonly reads: ReadStore,
    @Inject(ReadBarrier) private readonly barrier: ReadBarrier,
  ) {}

  /**
   * @param at whole seconds since 1970 @param now milliseconds since 1970
   * @throws {Problem} 503 when the tick has no outcome of its own, and the read model, which would know of a range, is behind
   */
  async of(scheduleId: string, at: number, now: number): Promise<Gathered> {
    const schedule = (await this.journal.events(streams.scheduledSession(scheduleId))) as Occurred<ScheduledSessionEvent>[];
    const tick = instant(at * 1000);
    const ownId = runIdOf(scheduleId, tick);
    const own = await this.#run(ownId);
    const reached = await this.barrier.waitForHead(own.length > 0 ? PATIENCE_MS : LONG_PATIENCE_MS);
    if (!reached.reached && own.length === 0)
      throw new Problem(503, 'the read model is behind, so this can not be explained now', undefined, { 'Retry-After': '1' });
    const ids = (await this.#idsAround(scheduleId, at)).filter(id => id !== ownId);
    const others = await Promise.all(ids.map(id => this.#run(id)));
    const runs = [own, ...others].filter(history => history.length > 0);
    const before = scheduleBefore(schedule, tick);
    const inForce = before.status === 'absent' ? undefined : before.value;
    return {
      evidence: {
        at,
        now,
        schedule,
        runs,
        starts: await this.#starts(inForce, tick),
        sessions: await this.#sessions(runs),
        agentName: await this.#agentName(inForce),
      },
      lagEvents: reached.reached ? undefined : reached.lagEvents,
    };
  }

  async #run(id: string): Promise<RunHistory> {
    return (await this.journal.events(streams.run(id))) as Occurred<RunEvent>[];
  }

  /** Runs of that second, and a range of missed ticks around it. */
  async #idsAround(scheduleId: string, at: number): Promise<string[]> {
    const [first, last] = [instant(at * 1000), instant(at * 1000 + 999)];
    const ofSchedule = equals('scheduled_session_id', scheduleId);
    const thatSecond = allOf(ofSchedule, compare('scheduled_for', 'ge', first), compare('scheduled_for', 'le', last));
    const around = allOf(ofSchedule, compare('scheduled_for', 'le', first), compare('missed_through', 'ge', first));
    const [exact, ranges] = await Promise.all([
      this.#find({ filter: thatSecond, orderBy: [{ field: 'scheduled_for', direction: 'asc' }], limit: MOST_RUNS }),
      this.#find({ filter: around, limit: 1 }),
    ]);
    return [...new Set([...exact.runs, ...ranges.runs].map(({ id }) => id))];
  }

  /** See {@link Starts}. */
  async #starts(inForce: Schedule | undefined, tick: string): Promise<Starts> {
    if (inForce?.max_runs === undefined) return NO_STARTS;
    const started = allOf(equals('scheduled_session_id', inForce.id), equals('outcome', 'started'), BY_TICK);
    const [reaching, newest] = await Promise.all([
      this.#find({ filter: started, orderBy: [{ field: 'decided_at', direction: 'asc' }], offset: inForce.max_runs - 1 }),
      this.#find({
        filter: allOf(started, compare('scheduled_for', 'lt', tick)),
        orderBy: [{ field: 'decided_at', direction: 'desc' }],
      }),
    ]);
    return {
      count: reaching.total,
      reaching: await this.#start(reaching.runs[0]),
      newestBefore: await this.#start(newest.runs[0]),
    };
  }

  async #start(run: Run | undefined): Promise<RunStart | undefined> {
    const history = run ? await this.#run(run.id) : [];
    return history.find(event => event.type === 'RunStarted');
  }

  async #find(query: Omit<Partial<Query>, 'collection'>): Promise<{ total: number; runs: Run[] }> {
    const { total, documents } = await this.reads.live.find({
      collection: RUNS.name,
      orderBy: [],
      offset: 0,
      limit: 1,
      ...query,
    });
    return { total, runs: documents.map(document => JSON.parse(bodyOf(document)) as Run) };
  }

  async #sessions(runs: readonly RunHistory[]): Promise<ReadonlyMap<string, readonly Occurred<SessionEvent>[]>> {
    const named = runs.flat().flatMap(({ payload }) => ('session_id' in payload ? (payload.session_id ?? []) : []));
    const ids = [...new Set(named)];
    const histories = await Promise.all(ids.map(id => this.journal.events(streams.session(id))));
    return new Map(ids.map((id, index) => [id, (histories[index] ?? []) as Occurred<SessionEvent>[]]));
  }

  async #agentName(inForce: Schedule | undefined): Promise<string | undefined> {
    if (inForce?.agent_id === undefined) return undefined;
    const { state } = await this.journal.load(agent, streams.agent(inForce.agent_id));
    return state.status === 'absent' ? undefined : state.value.name;
  }
}

const compare = (field: string, operator: Comparison, value: string): Filter => ({ kind: 'compare', field, operator, value });
