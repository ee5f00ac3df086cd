import { BusUnavailable, type Bus, type Message } from '#bus';
import { until } from '#bus/testing';
import type { TriggerRequested } from '#contracts';

export interface Sent {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly message: Message;
  readonly request: TriggerRequested;
}

/** A broker that takes everything, or nothing, or some, and shows what it took when. */
export class RecordingBus implements Pick<Bus, 'publish'> {
  readonly sent: Sent[] = [];
  /** Never acknowledged. */
  readonly held: Sent[] = [];
  isDown = false;
  /** It acknowledges nothing. */
  isSlow = false;
  /** After so many it refuses. */
  takesOnly = Number.POSITIVE_INFINITY;
  refused = 0;

  constructor(private readonly now: () => number) {}

  async publish(message: Message): Promise<void> {
    if (this.isDown || this.sent.length >= this.takesOnly) {
      this.refused += 1;
      throw new BusUnavailable('the broker is down');
    }
    const sent = { at: this.now(), message, request: JSON.parse(message.data) as TriggerRequested };
    if (this.isSlow) {
      this.held.push(sent);
      await new Promise(() => undefined);
    }
    this.sent.push(sent);
  }

  /** Resolves when it has refused something. */
  refuses(): Promise<void> {
    return until(() => this.refused > 0);
  }

  /** Resolves when it has taken so many. */
  took(count: number): Promise<void> {
    return until(() => this.sent.length >= count);
  }
}
