/** The relay: follows the event store and publishes every event, in the order of the log. */
import type { Clock, Log } from '#bus';
import { EventStoreUnavailable, type EventStore, type Position, type RecordedEvent } from '#event-store';
import {
  FeedStreamMoved,
  FeedUnavailable,
  MessageRefused,
  NO_PROGRESS,
  type FeedProgress,
  type FeedStream,
  type LeftOutEvent,
} from './feed-stream.js';
import { feedMessageOf, type FeedMessage } from './message.js';
import { pause } from './pause.js';

export interface EventFeedOptions {
  readonly eventStore: Pick<EventStore, 'subscribe' | 'head'>;
  readonly stream: FeedStream;
  readonly log: Log;
  /** Ends the relay once the events at hand are published. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly onProgress?: (progress: FeedProgress) => void;
  /** Events published at once at most; default 1000. */
  readonly batchSize?: number;
  /** How often an idle relay looks whether the stream is still there, milliseconds; default 5000. */
  readonly checkEveryMs?: number;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;
const MOST_KEPT = 100;

/**
 * Publishes every event until the signal is aborted: the work of a lease leader. A second relay beside it saves no work and does no harm.
 * What passes (a broker or an event store that is away, a stream that was wiped) is waited for. An event that can't be told, or that the
 * broker will not take, is left out, logged and counted; the feed goes on with the next.
 * @throws {Error} defects
 */
export const runEventFeed = (options: EventFeedOptions): Promise<void> => new EventFeed(options).run();

class EventFeed {
  #progress = NO_PROGRESS;
  #delay = FIRST_DELAY_MS;
  #standing = false;
  /** Why the broker refuses the event at a position. */
  readonly #refused = new Map<Position, string>();

  constructor(private readonly options: EventFeedOptions) {}

  async run(): Promise<void> {
    const { signal } = this.options;
    while (!signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        if (error instanceof MessageRefused) this.#refused.set(error.position, error.message);
        else await this.#waitOut(error);
      }
    }
  }

  /** From where the stream really stands, until it is lost or the signal is aborted. */
  async #follow(): Promise<void> {
    const { eventStore, stream, signal, batchSize = 1000 } = this.options;
    this.#reached(await stream.resume());
    await this.#checkLog();
    const lost = new AbortController();
    const either = AbortSignal.any([signal, lost.signal]);
    const watching = this.#watch(lost, either);
    let end: unknown;
    try {
      for await (const { events, position } of eventStore.subscribe({
        after: this.#progress.position,
        signal: either,
        batchSize,
      })) {
        if (events.length > 0 && position !== undefined) await this.#relay(events, position);
        this.#works();
      }
      end = lost.signal.aborted ? lost.signal.reason : new EventStoreUnavailable('the event store ended the subscription');
    } finally {
      lost.abort();
      await watching;
    }
    if (!signal.aborted) throw end;
  }

  /** A log that ends before the feed does is another log: following it would leave out all its events up to there. */
  async #checkLog(): Promise<void> {
    const { position } = this.#progress;
    const head = await this.options.eventStore.head();
    if (position === undefined || (head !== undefined && head >= position)) return;
    throw new FeedUnavailable(
      `the stream holds the event at ${position}, but the log ends at ${head ?? 'its beginning'}: delete the stream to have the feed rebuilt from this log`,
    );
  }

  /** While nothing happens, no refusal would tell that the stream was wiped. */
  async #watch(lost: AbortController, signal: AbortSignal): Promise<void> {
    const { stream, clock, checkEveryMs = 5000 } = this.options;
    try {
      for (;;) {
        await pause(clock, checkEveryMs, signal);
        if (signal.aborted) return;
        if (!(await stream.untouched())) throw new FeedStreamMoved('the stream is not as this relay left it');
      }
    } catch (error) {
      lost.abort(error);
    }
  }

  async #relay(events: readonly RecordedEvent[], through: Position): Promise<void> {
    const { stream } = this.options;
    const messages: FeedMessage[] = [];
    const leftOut: LeftOutEvent[] = [];
    for (const event of events) {
      const message = this.#messageOf(event);
      if ('error' in message) leftOut.push(message);
      else messages.push(message);
    }
    let progress = this.#leaveOut(leftOut);
    // Before anything behind it is in the stream: else, after a crash, no one would count it.
    if (progress !== this.#progress) await stream.save(progress);
    if (messages.length > 0) await stream.publish(messages);
    progress = { ...progress, position: through };
    await stream.save(progress);
    this.#reached(progress);
  }

  #messageOf(event: RecordedEvent): FeedMessage | LeftOutEvent {
    const refused = this.#refused.get(event.position);
    if (refused !== undefined) return leftOutEvent(event, refused);
    try {
      return feedMessageOf(event);
    } catch (error) {
      return leftOutEvent(event, error instanceof Error ? error.message : String(error));
    }
  }

  /** The progress with these events added to those left out; the same when all of them are known. */
  #leaveOut(events: readonly LeftOutEvent[]): FeedProgress {
    const known = new Set(this.#progress.newestLeftOut.map(({ position }) => position));
    const added = events.filter(({ position }) => !known.has(position));
    for (const { stream, revision, type, error } of added) {
      this.options.log.error(`event ${revision} of ${stream} (${type}) is left out of the event feed: ${error}`);
    }
    if (added.length === 0) return this.#progress;
    return {
      ...this.#progress,
      leftOut: this.#progress.leftOut + added.length,
      newestLeftOut: [...this.#progress.newestLeftOut, ...added].slice(-MOST_KEPT),
    };
  }

  #reached(progress: FeedProgress): void {
    this.#progress = progress;
    this.options.onProgress?.(progress);
  }

  #works(): void {
    this.#delay = FIRST_DELAY_MS;
    if (!this.#standing) return;
    this.#standing = false;
    this.options.log.warn('the event feed goes on');
  }

  async #waitOut(error: unknown): Promise<void> {
    if (!passes(error)) throw error;
    if (this.options.signal.aborted) return;
    if (!this.#standing) this.options.log.warn(`the event feed stands still, trying on: ${error.message}`);
    this.#standing = true;
    await pause(this.options.clock, this.#delay, this.options.signal);
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY_MS);
  }
}

const passes = (error: unknown): error is Error =>
  error instanceof FeedStreamMoved || error instanceof FeedUnavailable || error instanceof EventStoreUnavailable;

const leftOutEvent = ({ position, stream, revision, type, id }: RecordedEvent, error: string): LeftOutEvent => ({
  position,
  stream,
  revision,
  type,
  event_id: id,
  error,
});
