/** Single things, folded from their own streams: the newest state, whatever the read model has seen. */
import { Inject, Injectable } from '@nestjs/common';
import type { DomainEvent } from '#contracts';
import type { Decider, Fact, Lifecycle } from '#domain';
import { Journal } from '#journal';
import { notFoundProblem } from '#service';

/** How to fold one kind of thing, and where this one is. */
export interface Target<T, C, E extends DomainEvent> {
  readonly decider: Decider<Lifecycle<T>, C, E>;
  readonly stream: string;
  /** For the 404. */
  readonly what: string;
  /** It must belong to this project: else it is not there. */
  readonly projectId?: string | undefined;
}

/** What may belong to a project. */
interface Owned {
  readonly id: string;
  readonly project_id?: string | undefined;
}

export interface Folded<T> {
  readonly value: T;
  readonly revision: number;
}

@Injectable()
export class Aggregates {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  /** @throws {Problem} 404 also when it was deleted */
  async present<T extends Owned, C, E extends DomainEvent>(target: Target<T, C, E>): Promise<Folded<T>> {
    const { state, tail } = await this.journal.load(target.decider, target.stream);
    if (state.status !== 'present') throw notFoundProblem(target.what);
    return { value: belonging(state.value, target), revision: tail.revision };
  }

  /** The same, deleted or not. @throws {Problem} 404 when it never was */
  async known<T extends Owned, C, E extends DomainEvent>(target: Target<T, C, E>): Promise<Folded<T>> {
    const { state, tail } = await this.journal.load(target.decider, target.stream);
    if (state.status === 'absent') throw notFoundProblem(target.what);
    return { value: belonging(state.value, target), revision: tail.revision };
  }

  /** As it was at an instant (milliseconds since 1970). @throws {Problem} 404 when it was not there, or not any more */
  async asOf<T extends Owned, C, E extends DomainEvent>(target: Target<T, C, E>, instant: number): Promise<T> {
    let state = target.decider.initial;
    for (const event of await this.journal.events(target.stream)) {
      if (Date.parse(event.metadata.occurred_at) > instant) break;
      state = target.decider.evolve(state, event as unknown as Fact<E>);
    }
    if (state.status !== 'present') throw notFoundProblem(target.what);
    return belonging(state.value, target);
  }
}

function belonging<T extends Owned>(
  value: T,
  { what, projectId }: { readonly what: string; readonly projectId?: string | undefined },
): T {
  if (projectId !== undefined && value.project_id !== projectId) throw notFoundProblem(what);
  return value;
}
