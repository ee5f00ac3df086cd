import { BusUnavailable, type Bus, type Message } from '#bus';
import type { TriggerRequested } from '#contracts';

export interface Sent {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly message: Message;
  readonly request: TriggerRequested;
}

/** A broker that takes everything, or nothing, and shows what it took when. */
export class RecordingBus implements Pick<Bus, 'publish'> {
  readonly sent: Sent[] = [];
  isDown = false;
  refused = 0;

  constructor(private readonly now: () => number) {}

  async publish(message: Message): Promise<void> {
    if (this.isDown) {
      this.refused += 1;
      throw new BusUnavailable('the broker is down');
    }
    this.sent.push({ at: this.now(), message, request: JSON.parse(message.data) as TriggerRequested });
  }
}
