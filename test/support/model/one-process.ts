/**
 * One process of the command side, as its event store sees it: it may be stopped before each of its calls, so that another's come between,
 * and it may die there. An append to several streams is cut between them, as by the engines without transactions, unless it is atomic.
 */
import {
  EventStoreUnavailable,
  type EventStore,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamWrite,
  type SubscribeOptions,
  type SubscriptionBatch,
  type WriteResult,
} from '#event-store';
import type { ModelClock } from './model-clock.js';

/** As the adapter of KurrentDB has it: who was held up so long between two streams does not go on. */
const HELD_UP_MS = 20_000;

/** Calls of processes that wait for their turn, first come first. */
export class Turns {
  private waiting: { readonly of: OneProcess; readonly go: () => void }[] = [];

  get count(): number {
    return this.waiting.length;
  }

  wait(of: OneProcess): Promise<void> {
    return new Promise(resolve => this.waiting.push({ of, go: resolve }));
  }

  /** Lets one of them go on. */
  next(pick: number): void {
    const [turn] = this.waiting.splice(pick % this.waiting.length, 1);
    turn?.go();
  }

  forget(process: OneProcess): void {
    this.waiting = this.waiting.filter(({ of }) => of !== process);
  }
}

export class OneProcess implements EventStore {
  /** Set while it has to wait for its turn at each call. */
  turns: Turns | undefined;
  isDead = false;
  private writesToDeath = Number.POSITIVE_INFINITY;
  private readonly dying = Promise.withResolvers<'died'>();

  constructor(
    private readonly store: EventStore,
    private readonly clock: ModelClock,
    private readonly isAtomic: boolean,
  ) {}

  /** Resolves when it has died; whatever it was doing never ends. */
  get death(): Promise<'died'> {
    return this.dying.promise;
  }

  /** It dies when it has written to so many more streams, before it hears of it. */
  dieAfter(writes: number): void {
    this.writesToDeath = writes;
  }

  kill(): void {
    this.isDead = true;
    this.turns?.forget(this);
    this.dying.resolve('died');
  }

  /** Passes when it may do its next call; never when it is dead. */
  async turn(): Promise<void> {
    if (!this.isDead && this.turns) await this.turns.wait(this);
    if (this.isDead) await new Promise(() => undefined);
  }

  async append(writes: readonly StreamWrite[]): Promise<WriteResult[]> {
    const started = this.clock.elapsed;
    const results: WriteResult[] = [];
    for (const part of this.isAtomic ? [writes] : writes.map(write => [write])) {
      await this.turn();
      if (this.clock.elapsed - started > HELD_UP_MS) throw new EventStoreUnavailable('held up between two streams');
      results.push(...(await this.store.append(part)));
      this.writesToDeath -= 1;
      if (this.writesToDeath === 0) this.kill();
    }
    // The answer may be lost with the process.
    await this.turn();
    return results;
  }

  async readStream(stream: string, options?: ReadStreamOptions): Promise<RecordedEvent[]> {
    await this.turn();
    return this.store.readStream(stream, options);
  }

  async readAll(options: ReadAllOptions): Promise<RecordedEvent[]> {
    await this.turn();
    return this.store.readAll(options);
  }

  head(): Promise<Position | undefined> {
    return this.store.head();
  }

  countAfter(position: Position | undefined): Promise<number> {
    return this.store.countAfter(position);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch> {
    return this.store.subscribe(options);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
