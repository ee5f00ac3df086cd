/**
 * Where the feed goes: a stream of the broker that keeps messages for its subscribers. There is one in production (NATS JetStream);
 * without NATS there is no feed, because no other process could hear it.
 */
import type { Position } from '#event-store';
import type { FeedMessage } from './message.js';

/** An event that is not in the feed, and why. */
export interface LeftOutEvent {
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly event_id: string;
  readonly error: string;
}

/** How far the feed has come. */
export interface FeedProgress {
  /** Every event up to here is in the stream, or left out. Undefined: none yet. */
  readonly position: Position | undefined;
  /** Number of events left out since the stream was made. */
  readonly leftOut: number;
  /** The newest of them, oldest first. */
  readonly newestLeftOut: readonly LeftOutEvent[];
}

export const NO_PROGRESS: FeedProgress = { position: undefined, leftOut: 0, newestLeftOut: [] };

/** The stream is not as this relay left it: it was wiped, or another relay went ahead. Call `resume`. */
export class FeedStreamMoved extends Error {
  override readonly name = 'FeedStreamMoved';
}

/** The broker can't be reached, or is full. What of the messages was kept is not known: call `resume`. */
export class FeedUnavailable extends Error {
  override readonly name = 'FeedUnavailable';
}

/** The broker will never take this message, for example because it is too large. Those before it may be kept: call `resume`. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused';

  constructor(
    readonly position: Position,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The stream, as one relay uses it, one call after the other. Several relays may work on one stream: every message states the message that
 * it follows, so that the stream holds the events in the order of the log, none twice and none left out, whoever publishes.
 * Each method may reject with {@link FeedUnavailable}.
 */
export interface FeedStream {
  /** Makes the stream where it is not there, and says how far the feed has come. */
  resume(): Promise<FeedProgress>;

  /**
   * Puts messages behind the last one, in their order; resolves when all of them are kept.
   * @throws {FeedStreamMoved} @throws {MessageRefused} then, and when it is unavailable, nothing more is tried until `resume` is called
   */
  publish(messages: readonly FeedMessage[]): Promise<void>;

  /** Remembers how far the feed has come, for the time when the stream holds no message. It is forgotten together with the stream. */
  save(progress: FeedProgress): Promise<void>;

  /** False when the stream is not as this relay left it. It may be asked at any time; while something is published it says true. */
  untouched(): Promise<boolean>;
}
