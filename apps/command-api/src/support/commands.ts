/** What every command handler works with: the journal, and how a request's context becomes the cause and the ids of its events. */
import { Inject, Injectable } from '@nestjs/common';
import type { DomainEvent, Occurred } from '#contracts';
import type { Decider, Fact } from '#domain';
import { WrongExpectedRevision } from '#event-store';
import { EMPTY_TAIL, Journal, retrying, type Loaded, type Plan } from '#journal';
import { causeOf, metrics, Problem, problemOf, type RequestContext } from '#service';
import { SerialQueues } from './serial-queues.js';

/** Indexes of the events that one command decides for one stream. */
const MOST_EVENTS = [0, 1, 2, 3];

/** Counters by command and outcome: resolving labels costs more than counting. */
const counters = new Map<string, ReturnType<typeof metrics.commands.labels>>();

function counted(command: string, outcome: 'accepted' | 'rejected' | 'failed'): void {
  const key = `${command} ${outcome}`;
  const counter = counters.get(key) ?? metrics.commands.labels({ command, outcome });
  counters.set(key, counter);
  counter.inc();
}

@Injectable()
export class Commands {
  /** Commands that lost a stream to another writer, by that stream. Side by side all but one of them would lose again, and again. */
  private readonly losers = new SerialQueues();

  constructor(@Inject(Journal) readonly journal: Journal) {}

  /** Decides on the latest state; with the request's If-Match when `guarded`. */
  async plan<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
    command: C,
    context: RequestContext,
    guarded: 'guarded' | 'unguarded' = 'unguarded',
  ): Promise<Plan<S>> {
    const done = context.isRepetition ? await this.effectOf(decider, stream, context) : undefined;
    if (done) return done;
    return this.journal.plan(decider, stream, command, causeOf(context), {
      ifMatch: guarded === 'guarded' ? context.ifMatch : undefined,
      eventId: (event, index) => context.ids.event(stream, event, index),
    });
  }

  /** What a request did to a stream before it died: nothing more to append, and the state that its last event made. */
  private async effectOf<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
    { ids }: RequestContext,
  ): Promise<Plan<S> | undefined> {
    const events = await this.journal.events(stream);
    const isOwn = (event: Occurred): boolean =>
      MOST_EVENTS.some(index => ids.event(stream, event, index) === event.metadata.event_id);
    const upToIt = events.slice(0, events.findLastIndex(isOwn) + 1);
    const last = upToIt.at(-1);
    if (!last) return undefined;
    const state = upToIt.reduce((before, event) => decider.evolve(before, event as unknown as Fact<E>), decider.initial);
    return { stream, expected: last.revision, encoded: [], state, tail: { revision: last.revision, hash: last.metadata.hash } };
  }

  /** Decides on a stream that is believed to be new: no read, the append finds out. */
  planNew<S, C, E extends DomainEvent>(decider: Decider<S, C, E>, stream: string, command: C, context: RequestContext): Plan<S> {
    return this.planOn(decider, stream, { state: decider.initial, tail: EMPTY_TAIL }, command, context);
  }

  /** Decides on a state that was loaded before: the append finds out whether it still holds. */
  planOn<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
    loaded: Loaded<S>,
    command: C,
    context: RequestContext,
  ): Plan<S> {
    const first = loaded.tail.revision + 1;
    return this.journal.planOn(decider, stream, loaded, command, causeOf(context), {
      eventId: (event, index) => context.ids.event(stream, event, first + index),
    });
  }

  /** Durable when it resolves. */
  async commit(...plans: readonly Plan[]): Promise<void> {
    const started = performance.now();
    await this.journal.commit(...plans);
    metrics.appendLatency.observe(performance.now() - started);
  }

  /** Runs a command, again on a version conflict, and counts how it came out. No command runs another one within. */
  async run<T>(name: string, attempt: () => Promise<T>): Promise<T> {
    try {
      const result = await this.attempted(attempt);
      counted(name, 'accepted');
      return result;
    } catch (error) {
      const problem = problemOf(error);
      const rejected = problem instanceof Problem && problem.status < 500;
      counted(name, rejected ? 'rejected' : 'failed');
      throw error;
    }
  }

  private async attempted<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      return this.losers.run(error.stream, () => retrying(attempt));
    }
  }
}
