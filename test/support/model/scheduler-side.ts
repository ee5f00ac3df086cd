/** One process of the scheduler: the real one, with its own view of the log, and a broker that the model owns. */
import type { Logger } from 'pino';
import type { EventStore, SubscribeOptions, SubscriptionBatch } from '#event-store';
import { Scheduler } from '../../../apps/scheduler/src/scheduler.js';
import type { ModelBroker } from './model-broker.js';
import type { MemoryEventStore } from './memory-event-store.js';
import type { ModelClock } from './model-clock.js';

export class SchedulerSide {
  private readonly stopped = new AbortController();
  private readonly scheduler: Scheduler;
  private leading: AbortController | undefined;
  /** While it is set, the log reaches this process no more. */
  private held: PromiseWithResolvers<void> | undefined;

  /** @param onError what the scheduler reports as a failure of its own */
  constructor(store: MemoryEventStore, bus: ModelBroker, clock: ModelClock, onError: (error: unknown) => void) {
    const log = { info: ignore, warn: ignore, error: ({ err }: { err: unknown }) => onError(err) } as unknown as Logger;
    const eventStore = { subscribe: (options: SubscribeOptions) => this.view(store, options) } as unknown as EventStore;

    this.scheduler = new Scheduler({ eventStore, bus, clock, log });
    this.scheduler.run(this.stopped.signal).catch(onError);
  }

  lead(isLeading: boolean): void {
    if (isLeading === (this.leading !== undefined)) return;
    this.leading?.abort();
    this.leading = isLeading ? new AbortController() : undefined;
    if (this.leading) void this.scheduler.lead(0, AbortSignal.any([this.leading.signal, this.stopped.signal]));
  }

  hold(isHeld: boolean): void {
    if (!isHeld) this.held?.resolve();
    this.held = isHeld ? (this.held ?? Promise.withResolvers()) : undefined;
  }

  stop(): void {
    this.hold(false);
    this.stopped.abort();
  }

  private async *view(store: MemoryEventStore, options: SubscribeOptions): AsyncGenerator<SubscriptionBatch> {
    for await (const batch of store.subscribe(options)) {
      while (this.held) await this.held.promise;
      if (options.signal.aborted) return;
      yield batch;
    }
  }
}

const ignore = (): void => undefined;
