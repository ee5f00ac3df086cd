/**
 * Everything that takes part in a history: two schedulers, two processes of the command side, a broker, a runtime that ends sessions and
 * users who change their minds; all in memory, one log between them.
 */
import { setImmediate } from 'node:timers/promises';
import { deterministicUuid, isActive, ksuid } from '#contracts';
import { session, type Fact, type SessionEvent, type SessionValue } from '#domain';
import { EventStoreUnavailable, WrongExpectedRevision, type RecordedEvent } from '#event-store';
import { decode, Rejected } from '#journal';
import { Problem, problemOf } from '#service';
import { CommandSide, CREATOR, PROJECT, type Request } from './command-side.js';
import { examine } from './invariants.js';
import { MemoryEventStore } from './memory-event-store.js';
import { ModelBroker } from './model-broker.js';
import { ModelClock } from './model-clock.js';
import { ModelReads } from './model-reads.js';
import { OneProcess, Turns } from './one-process.js';
import { SchedulerSide } from './scheduler-side.js';
import type { History, Step, Task, Which } from './steps.js';

const START = Date.parse('2026-03-01T09:05:30Z');
const MINUTE_MS = 60_000;
/** The longest that anything waits for: a claim that is void after 60 s, a jitter, a request that is made again after 30 s. */
const MOST_ROUNDS = 80;

/** Two of what there is two of. */
type Pair<T> = [T, T];

/** A task as it is begun: what it picked, it keeps. */
type Work = (side: CommandSide) => Promise<unknown>;

export class ModelWorld {
  readonly store = new MemoryEventStore();
  /** Errors that nothing in the model explains. */
  readonly surprises: unknown[] = [];
  private readonly clock = new ModelClock(START);
  private readonly broker = new ModelBroker(this.clock);
  private readonly reads = new ModelReads(this.store);
  private readonly isAtomic: boolean;
  private readonly agentId = idOf(0);
  private readonly schedules: readonly string[];
  private commandSides: Pair<CommandSide>;
  private schedulers: Pair<SchedulerSide>;
  /** Requests that have not been answered: their users repeat them. */
  private unanswered: { readonly request: Request; readonly work: (request: Request) => Work }[] = [];
  private requests = 0;
  private latest = START;

  private constructor(private readonly history: History) {
    this.isAtomic = history.isAtomic;
    this.schedules = history.schedules.map((_, index) => idOf(index + 1));
    this.commandSides = [this.newCommandSide(), this.newCommandSide()];
    this.schedulers = [this.newScheduler(), this.newScheduler()];
  }

  /** Lives through a history, and on until nothing is left to do. @returns what is wrong then */
  static async live(history: History): Promise<{ readonly wrong: readonly string[]; readonly log: readonly RecordedEvent[] }> {
    const world = new ModelWorld(history);
    try {
      await world.begin();
      for (const step of history.steps) await world.step(step);
      const wrong = await world.settle();
      return { wrong: [...wrong, ...world.surprises.map(error => `surprise: ${textOf(error)}`)], log: world.store.log };
    } finally {
      for (const scheduler of world.schedulers) scheduler.stop();
      await setImmediate();
    }
  }

  private async begin(): Promise<void> {
    const [side] = this.commandSides;
    await this.grant(true)(side);
    await side.changeAgent(this.request(), this.agentId, {
      type: 'CreateAgent',
      project_id: PROJECT,
      owner_user_id: CREATOR,
      fields: { name: 'worker' },
    });
    for (const [index, { hasAgent, fields }] of this.history.schedules.entries()) {
      const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
      const all = { name: `s-${index}`, schedule: '*/10 * * * *', ...given, ...(hasAgent ? { agent_id: this.agentId } : {}) };
      await side.createSchedule(this.request(), this.schedules[index] ?? '', all);
    }
    this.schedulers[0].lead(true);
    await this.stir();
  }

  private async step(step: Step): Promise<void> {
    switch (step.kind) {
      case 'pass':
        await this.pass(step.seconds);
        break;
      case 'set':
        this.clock.set(step.seconds * 1000);
        break;
      case 'deliver':
        await this.deliver(step.who);
        break;
      case 'lose': {
        const lost = this.broker.look(step.pick);
        if (lost) this.broker.acknowledge(lost);
        break;
      }
      case 'broker':
        this.broker.isDown = step.isDown;
        break;
      case 'lead':
        this.schedulers[step.which].lead(step.isLeading);
        break;
      case 'restart':
        this.schedulers[step.which].stop();
        this.schedulers[step.which] = this.newScheduler();
        this.schedulers[step.which].lead(true);
        break;
      case 'hold':
        this.schedulers[step.which].hold(step.isHeld);
        break;
      case 'doom':
        this.commandSides[step.who].process.dieAfter(step.writes);
        break;
      case 'task':
        await this.act(step.who, this.workOf(step.task));
        break;
      case 'together':
        await this.together(step);
        break;
      default:
        step satisfies never;
    }
    this.latest = Math.max(this.latest, this.clock.now());
    await this.stir();
  }

  /** Time passes from one full minute to the next (or five of them, where it is long), and schedulers wake on each. */
  private async pass(seconds: number): Promise<void> {
    const end = this.clock.elapsed + seconds * 1000;
    const step = seconds > 600 ? 5 * MINUTE_MS : MINUTE_MS;
    while (this.clock.elapsed < end) {
      const toMinute = step - (this.clock.now() % step);
      this.clock.pass(Math.min(toMinute, end - this.clock.elapsed));
      this.latest = Math.max(this.latest, this.clock.now());
      await this.stir();
    }
  }

  /** All others do what they can. */
  private async stir(): Promise<void> {
    await setImmediate();
    await setImmediate();
  }

  /** Each request that waits, once. */
  private async deliver(who: Which): Promise<void> {
    for (let left = this.broker.count, failed = 0; left > 0; left--) {
      const request = this.broker.look(failed);
      if (!request) return;
      if ((await this.act(who, side => side.decide(request))) === 'done') this.broker.acknowledge(request);
      else failed += 1;
    }
  }

  /** @returns whether it was done, was refused (or is to be tried again), or its process died */
  private async act(who: Which, work: Work): Promise<'done' | 'failed' | 'died'> {
    const side = this.commandSides[who];
    const outcome = await Promise.race([this.attempt(work, side), side.process.death]);
    if (outcome === 'died') this.commandSides[who] = this.newCommandSide();
    return outcome;
  }

  private async attempt(work: Work, side: CommandSide): Promise<'done' | 'failed'> {
    try {
      await work(side);
      return 'done';
    } catch (error) {
      if (!isExpected(error)) this.surprises.push(error);
      return 'failed';
    }
  }

  private async together({ tasks, order, death }: Extract<Step, { kind: 'together' }>): Promise<void> {
    const turns = new Turns();
    const sides = this.commandSides;
    for (const { process } of sides) process.turns = turns;
    const done = tasks.map(([who, task]) => this.attempt(this.workOf(task), sides[who]));
    void Promise.allSettled(done);
    await this.stir();
    for (let calls = 0; turns.count > 0; calls++) {
      if (death && calls === death.after) this.commandSides[death.who].process.kill();
      else turns.next(order[calls % order.length] ?? 0);
      await setImmediate();
    }
    for (const who of [0, 1] as const) {
      const { process } = this.commandSides[who];
      process.turns = undefined;
      if (process.isDead) this.commandSides[who] = this.newCommandSide();
    }
  }

  private workOf(task: Task): Work {
    switch (task.do) {
      case 'decide': {
        const request = this.broker.look(task.pick);
        if (!request) return nothing;
        return async side => {
          await side.decide(request);
          if (!task.keep) this.broker.acknowledge(request);
        };
      }
      case 'trigger': {
        const id = this.schedule(task.schedule);
        return this.repeated(request => side => side.trigger(request, id, task.overlap));
      }
      case 'startAgent':
        return this.repeated(request => side => side.startAgent(request, this.agentId));
      case 'report': {
        const { id } = this.pickSession(task.pick) ?? {};
        return id === undefined ? nothing : side => side.report(this.request(), id, task.phase);
      }
      case 'stop': {
        const { id } = this.pickSession(task.pick) ?? {};
        return id === undefined ? nothing : side => side.stop(this.request(), id);
      }
      case 'deleteSession': {
        const { id } = this.pickSession(task.pick) ?? {};
        return id === undefined ? nothing : side => side.deleteSession(this.request(), id);
      }
      case 'edit':
        return this.change(task.schedule, { type: 'UpdateScheduledSession', changes: task.changes });
      case 'suspend':
        return this.change(task.schedule, { type: 'SuspendScheduledSession' });
      case 'resume':
        return this.change(task.schedule, { type: 'ResumeScheduledSession' });
      case 'deleteSchedule':
        return this.change(task.schedule, { type: 'DeleteScheduledSession' });
      case 'deleteAgent':
        return side => side.changeAgent(this.request(), this.agentId, { type: 'DeleteAgent' });
      case 'permit':
        return this.grant(task.isPermitted);
      case 'keepHouse':
        return side => side.keepHouse();
    }
  }

  private change(which: Which, command: Parameters<CommandSide['changeSchedule']>[2]): Work {
    return side => side.changeSchedule(this.request(), this.schedule(which), command);
  }

  private grant(isPermitted: boolean): Work {
    const binding = {
      role_binding_id: idOf(9),
      role_id: 'project:editor',
      scope: 'project',
      user_id: CREATOR,
      project_id: PROJECT,
    } as const;
    return side =>
      side.changeAccess(
        this.request(),
        isPermitted ? { type: 'GrantRole', binding } : { type: 'RevokeRole', role_binding_id: binding.role_binding_id },
      );
  }

  /** A request that its user repeats until it is answered. */
  private repeated(work: (request: Request) => Work): Work {
    const request = this.request();
    const entry = { request, work };
    this.unanswered.push(entry);
    return async side => {
      try {
        await work(request)(side);
      } catch (error) {
        if ((problemOf(error)?.status ?? 500) >= 500) throw error;
      }
      this.unanswered = this.unanswered.filter(other => other !== entry);
    };
  }

  private request(): Request {
    this.requests += 1;
    return { key: `request-${this.requests}`, now: this.clock.now() };
  }

  private schedule(which: Which): string {
    return this.schedules[which % this.schedules.length] ?? '';
  }

  private pickSession(pick: number): SessionValue | undefined {
    const active = this.activeSessions();
    return active[pick % Math.max(1, active.length)];
  }

  private activeSessions(): SessionValue[] {
    const states = new Map<string, typeof session.initial>();
    for (const recorded of this.store.log) {
      if (!recorded.stream.startsWith('session-')) continue;
      const event = decode(recorded) as unknown as Fact<SessionEvent>;
      states.set(recorded.stream, session.evolve(states.get(recorded.stream) ?? session.initial, event));
    }
    return [...states.values()].flatMap(state =>
      state.status === 'present' && isActive(state.value.phase) ? [state.value] : [],
    );
  }

  /** Nothing fails any more, all sessions end, and all that is owed is done. @returns what is wrong after that */
  private async settle(): Promise<readonly string[]> {
    this.broker.isDown = false;
    for (const { process } of this.commandSides) process.dieAfter(Number.POSITIVE_INFINITY);
    // Whoever saw the log late may have passed over what it did not know of: one that begins anew has not.
    for (const which of [0, 1] as const) await this.step({ kind: 'restart', which });
    this.clock.set(Math.max(0, this.latest - this.clock.now()));
    for (let round = 1; ; round++) {
      await this.pass(31);
      await this.deliver((round % 2) as Which);
      for (const { request, work } of this.unanswered.splice(0)) {
        await this.act(0, this.repeatedAgain({ ...request, isRepetition: true }, work));
      }
      for (const { id } of this.activeSessions()) await this.act(1, side => side.report(this.request(), id, 'Completed'));
      await this.act((round % 2) as Which, side => side.keepHouse());
      if (round < MOST_ROUNDS && (this.broker.count > 0 || this.unanswered.length > 0 || this.activeSessions().length > 0))
        continue;
      const { broken, owed } = examine(this.store.log, this.clock.now());
      if (broken.length > 0 || owed.length === 0) return broken;
      if (round === MOST_ROUNDS) return owed;
    }
  }

  private repeatedAgain(request: Request, work: (request: Request) => Work): Work {
    return async side => {
      try {
        await work(request)(side);
      } catch (error) {
        if ((problemOf(error)?.status ?? 500) < 500) return;
        this.unanswered.push({ request, work });
        throw error;
      }
    };
  }

  private newCommandSide(): CommandSide {
    return new CommandSide(new OneProcess(this.store, this.clock, this.isAtomic), this.reads, this.clock);
  }

  private newScheduler(): SchedulerSide {
    return new SchedulerSide(this.store, this.broker, this.clock, error => this.surprises.push(error));
  }
}

const nothing: Work = () => Promise.resolve();

/** A KSUID that is the same in every repetition. */
const idOf = (n: number): string => ksuid(START, Buffer.from(deterministicUuid('model', String(n)).replaceAll('-', ''), 'hex'));

/** A refusal, or an engine that is away, or others who were quicker ten times. */
function isExpected(error: unknown): boolean {
  // An agent's place that was taken a moment ago, by whom is not there yet.
  if (error instanceof Error && error.message.endsWith('which is not there yet')) return true;
  if (error instanceof EventStoreUnavailable || error instanceof WrongExpectedRevision || error instanceof Rejected) return true;
  return error instanceof Problem && error.status < 500;
}

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
