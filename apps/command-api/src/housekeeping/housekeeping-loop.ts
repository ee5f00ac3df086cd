import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { pause, systemClock, type Clock, type Leases } from '#bus';
import type { Housekeeping } from './housekeeping.js';

const EVERY_MS = 60_000;
/** When all processes start together, scheduler and runtime get the time to do their own first. */
const FIRST_MS = 120_000;

/** Keeps house once a minute whenever this process leads; not at all without leases. */
@Injectable()
export class HousekeepingLoop implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stop = new AbortController();
  private led: Promise<void> = Promise.resolve();

  constructor(
    private readonly housekeeping: Pick<Housekeeping, 'pass'>,
    private readonly leases: Leases | undefined,
    private readonly clock: Clock = systemClock,
  ) {}

  onApplicationBootstrap(): void {
    if (this.leases) this.led = this.leases.lead('housekeeping', signal => this.keep(signal), this.stop.signal);
  }

  /** Lets the pass that runs come to its next stop. */
  async onModuleDestroy(): Promise<void> {
    this.stop.abort();
    await this.led;
  }

  private async keep(signal: AbortSignal): Promise<void> {
    await pause(this.clock, FIRST_MS, signal);
    while (!signal.aborted) {
      await this.housekeeping.pass(signal);
      await pause(this.clock, EVERY_MS, signal);
    }
  }
}
