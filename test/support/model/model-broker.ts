import { BusUnavailable, type Bus, type Message } from '#bus';
import type { TriggerRequested } from '#contracts';
import type { ModelClock } from './model-clock.js';

/** The broker knows an id again for so long. */
const DUPLICATE_WINDOW_MS = 120_000;

/** Takes requests, and gives them out when, how often, and in which order the model likes; or loses them. */
export class ModelBroker implements Pick<Bus, 'publish'> {
  isDown = false;
  private queue: TriggerRequested[] = [];
  private readonly taken = new Map<string, number>();

  constructor(private readonly clock: ModelClock) {}

  get count(): number {
    return this.queue.length;
  }

  async publish({ id, data }: Message): Promise<void> {
    if (this.isDown) throw new BusUnavailable('the broker is away');
    const taken = this.taken.get(id);
    if (taken !== undefined && this.clock.elapsed - taken < DUPLICATE_WINDOW_MS) return;
    this.taken.set(id, this.clock.elapsed);
    this.queue.push(JSON.parse(data) as TriggerRequested);
  }

  /** One of the requests that wait; it stays until it is acknowledged. */
  look(pick: number): TriggerRequested | undefined {
    return this.queue[pick % Math.max(1, this.queue.length)];
  }

  acknowledge(request: TriggerRequested): void {
    this.queue = this.queue.filter(other => other !== request);
  }
}
