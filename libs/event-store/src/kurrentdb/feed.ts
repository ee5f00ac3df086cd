/** What the engine pushes to a subscription, as it is stored and at the pace of the one who reads. */
import type { TransformCallback } from 'node:stream';
import type { AllStreamSubscription } from '@kurrent/kurrentdb-client';
import type { ReadResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { EventStoreUnavailable, type Position, type RecordedEvent } from '../event-store.js';
import { asPortError } from './errors.js';
import { positionOf } from './positions.js';
import { asRecorded } from './records.js';

/** An event; how far the log has been searched; or whether the subscription has reached its end, or has fallen behind it again. */
export type Pushed =
  | { readonly what: 'event'; readonly event: RecordedEvent }
  | { readonly what: 'checkpoint'; readonly position: Position }
  | { readonly what: 'caughtUp'; readonly position: Position | undefined }
  | { readonly what: 'fellBehind' };

/**
 * Options for the stream of a subscription. Left to itself the client makes objects of JSON and drops the bytes, so the stream is given
 * another transformation than the client's, on the same messages.
 */
export function feedOptions(size: number) {
  return {
    highWaterMark: size,
    transform(response: ReadResp, _encoding: string, next: TransformCallback): void {
      try {
        next(null, pushedBy(response));
      } catch (error) {
        next(error as Error);
      }
    },
  };
}

function pushedBy(response: ReadResp): Pushed | undefined {
  const record = response.getEvent()?.getEvent();
  if (record) return { what: 'event', event: recordedBy(record) };
  const checkpoint = response.getCheckpoint();
  if (checkpoint) {
    const position = positionOf({ commit: checkpoint.getCommitPosition(), prepare: checkpoint.getPreparePosition() });
    return { what: 'checkpoint', position };
  }
  if (response.hasCaughtUp()) return { what: 'caughtUp', position: caughtUpAt(response.getCaughtUp()) };
  return response.hasFellBehind() ? { what: 'fellBehind' } : undefined;
}

/** EventStoreDB does not say where; KurrentDB does. */
function caughtUpAt(caughtUp: ReadResp.CaughtUp | undefined): Position | undefined {
  const position = caughtUp?.getPosition();
  return position && positionOf({ commit: position.getCommitPosition(), prepare: position.getPreparePosition() });
}

export function recordedBy(record: ReadResp.ReadEvent.RecordedEvent): RecordedEvent {
  return asRecorded({
    streamId: Buffer.from(record.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString(),
    id: record.getId()?.getString() ?? '',
    type: record.getMetadataMap().get('type') ?? '',
    revision: record.getStreamRevision(),
    data: record.getData_asU8(),
    metadata: record.getCustomMetadata_asU8(),
    position: { commit: record.getCommitPosition(), prepare: record.getPreparePosition() },
  });
}

/** One subscription with the engine, until it breaks or is closed. */
export class Feed {
  #broken: unknown;
  #wake: () => void = () => undefined;

  constructor(private readonly subscription: AllStreamSubscription) {
    subscription.on('readable', () => this.#wake());
    subscription.on('error', error => this.#break(asPortError(error)));
    subscription.on('end', () => this.#break(new EventStoreUnavailable('the engine has ended the subscription')));
  }

  /** Whether all that has arrived was read. */
  get isDrained(): boolean {
    return this.subscription.readableLength === 0;
  }

  /**
   * What has arrived, `size` at most, as soon as there is something; returns when the signal aborts.
   * @throws {EventStoreUnavailable} the subscription broke
   */
  async *arrivals(size: number, signal: AbortSignal): AsyncGenerator<Pushed[], void> {
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const arrived = this.#take(size);
        if (arrived.length > 0) yield arrived;
        else if (this.#broken) throw this.#broken;
        else await new Promise<void>(resolve => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  close(): void {
    // It can't be cancelled before it has begun, and it has not begun when the engine is away: then there is nothing to cancel.
    this.subscription.unsubscribe().catch(() => undefined);
  }

  #take(size: number): Pushed[] {
    const taken: Pushed[] = [];
    while (taken.length < size) {
      const next = this.subscription.read() as Pushed | null;
      if (next === null) break;
      taken.push(next);
    }
    return taken;
  }

  #break(reason: unknown): void {
    this.#broken ??= reason;
    this.#wake();
  }
}
