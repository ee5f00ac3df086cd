/** What every command handler works with: the journal, and how a request's context becomes the cause and the ids of its events. */
import { Inject, Injectable } from '@nestjs/common';
import type { DomainEvent } from '#contracts';
import type { Decider } from '#domain';
import { EMPTY_TAIL, Journal, retrying, type Loaded, type Plan } from '#journal';
import { causeOf, metrics, Problem, problemOf, type RequestContext } from '#service';

@Injectable()
export class Commands {
  constructor(@Inject(Journal) readonly journal: Journal) {}

  /** Decides on the latest state; with the request's If-Match when `guarded`. */
  plan<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
    command: C,
    context: RequestContext,
    guarded: 'guarded' | 'unguarded' = 'unguarded',
  ): Promise<Plan<S>> {
    return this.journal.plan(decider, stream, command, causeOf(context), {
      ifMatch: guarded === 'guarded' ? context.ifMatch : undefined,
      eventId: (event, index) => context.ids.event(stream, event, index),
    });
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

  /** Runs a command, again on a version conflict, and counts how it came out. */
  async run<T>(name: string, attempt: () => Promise<T>): Promise<T> {
    try {
      const result = await retrying(attempt);
      metrics.commands.inc({ command: name, outcome: 'accepted' });
      return result;
    } catch (error) {
      const problem = problemOf(error);
      const rejected = problem instanceof Problem && problem.status < 500;
      metrics.commands.inc({ command: name, outcome: rejected ? 'rejected' : 'failed' });
      throw error;
    }
  }
}
