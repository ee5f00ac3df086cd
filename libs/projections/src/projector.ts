import { systemClock, type Clock } from '#bus';
import { EventStoreUnavailable, type EventStore, type RecordedEvent } from '#event-store';
import type { DocumentSet, Position } from '#read-store';
import { foldBatch, type FoldedBatch } from './batch.js';
import { isAfter, type ParkedEvent } from './documents.js';
import { lagOf, type Lag } from './lag.js';
import { blockedStreams, countParked, PoisonEvent, type BlockedStreams, type Failure } from './parked.js';
import { isProgress, progressOf, progressUpdate } from './progress.js';

export interface ProjectorOptions {
  /** What becomes of an event that can't be projected: it is parked and its stream with it, or everything stops there. */
  readonly poison: 'park' | 'stop';
  /** Events folded and written at once at most; default 500. */
  readonly batchSize?: number;
  /** The set's documents now hold every event up to here. */
  readonly onProgress?: (position: Position) => void;
  readonly onParked?: (event: ParkedEvent) => void;
  readonly clock?: Clock;
}

/** How often an idle projector looks whether its set is as it left it, in milliseconds: no event would tell that it was emptied. */
const LOOK_EVERY_MS = 2000;

/**
 * Folds the log into a set of documents. Any event may be delivered again, and several projectors may work on one set: the guard of each
 * document sees to it that every event is applied once and in order.
 */
export class Projector {
  #position: Position | undefined;
  #parked = 0;
  #isBusy = false;
  #blocked: BlockedStreams = new Map();
  readonly #refused = new Map<Position, Failure>();
  readonly #batchSize: number;

  constructor(
    private readonly events: EventStore,
    private readonly set: DocumentSet,
    private readonly options: ProjectorOptions,
  ) {
    this.#batchSize = options.batchSize ?? 500;
  }

  /** Every event up to here is in the documents, or parked. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Number of events parked. */
  get parked(): number {
    return this.#parked;
  }

  /** How far this projector is behind, at `now` (milliseconds since 1970). */
  lag(now: number): Promise<Lag> {
    return lagOf(this.events, this.#position, now);
  }

  /**
   * Follows the log until the signal aborts.
   * @throws {EventStoreUnavailable} @throws {ReadStoreUnavailable} run it again later: nothing is lost
   */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#resume();
      if ((await this.#follow(signal)) === 'moved' || signal.aborted) continue;
      throw new EventStoreUnavailable('the event store ended the subscription');
    }
  }

  /** Until the subscription ends, or until the set is found to have moved without this projector. */
  async #follow(signal: AbortSignal): Promise<'ended' | 'moved'> {
    const moved = new AbortController();
    const stopLooking = this.#lookAfterSet(() => moved.abort());
    try {
      for await (const { events, position } of this.events.subscribe({
        after: this.#position,
        signal: AbortSignal.any([signal, moved.signal]),
        batchSize: this.#batchSize,
      })) {
        this.#isBusy = true;
        if (position !== undefined && !(await this.#project(events, position))) return 'moved';
        this.#isBusy = false;
      }
    } finally {
      this.#isBusy = false;
      stopLooking();
    }
    return moved.signal.aborted ? 'moved' : 'ended';
  }

  #lookAfterSet(moved: () => void): () => void {
    const { clock = systemClock } = this.options;
    const look = async (): Promise<void> => {
      const position = this.#position;
      // A store that is away is found out by the work itself.
      const found = await progressOf(this.set).catch(() => position);
      const isIdle = !this.#isBusy && position === this.#position;
      if (isIdle && found !== position) moved();
      else again();
    };
    let cancel: () => void;
    let isStopped = false;
    const again = (): void => {
      if (!isStopped) cancel = clock.setTimer(LOOK_EVERY_MS, () => void look());
    };
    again();
    return () => {
      isStopped = true;
      cancel();
    };
  }

  /**
   * Folds everything up to a position, or up to the head of the log as it is now.
   * @throws {PoisonEvent} when the options say to stop at one
   */
  async catchUp(through?: Position): Promise<void> {
    const end = through ?? (await this.events.head());
    await this.#resume();
    if (end === undefined) return;
    while (isAfter(end, this.#position)) {
      const page = await this.events.readAll({ after: this.#position, limit: this.#batchSize });
      const due = page.filter(({ position }) => !isAfter(position, end));
      const last = due.at(-1);
      if (!last) return;
      if (!(await this.#project(due, last.position))) await this.#resume();
    }
  }

  /** Goes on from where the set really stands. */
  async #resume(): Promise<void> {
    this.#position = await progressOf(this.set);
    await this.#readPoison();
  }

  async #readPoison(): Promise<void> {
    this.#blocked = await blockedStreams(this.set);
    this.#parked = await countParked(this.set);
  }

  /** False when another projector has moved the set, or it was swapped: then what is known of it is worth nothing. */
  async #project(events: readonly RecordedEvent[], through: Position, attempts = 1): Promise<boolean> {
    let expected = this.#position;
    if (!isAfter(through, expected)) return true;
    for (;;) {
      const batch = await this.#fold(events);
      // Asked after the documents were loaded: a set swapped in meanwhile has another position, or the same documents.
      if ((await progressOf(this.set)) !== expected) return false;
      const progress = expected === through ? [] : [progressUpdate(expected, through)];
      let refused;
      try {
        refused = await this.set.apply([...batch.updates, ...progress], through);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        return this.#isolate(events, through, attempts, error);
      }
      if (refused.some(isProgress)) return false;
      if (refused.length === 0) return this.#reached(through, batch);
      // A projector that is already beaten wrote some of these documents: fold again what they lack.
      expected = through;
    }
  }

  async #fold(events: readonly RecordedEvent[]): Promise<FoldedBatch> {
    // A rebuild may have freed what was blocked.
    if (this.#blocked.size > 0) await this.#readPoison();
    const batch = await foldBatch(this.set, events, { blocked: this.#blocked, refused: this.#refused });
    const [poison] = batch.parked;
    if (poison && this.options.poison === 'stop') throw new PoisonEvent(poison.stream, poison.revision, poison.error);
    return batch;
  }

  /** The read store refuses a value and does not say of which event: it is found by trying fewer and fewer of them. */
  async #isolate(events: readonly RecordedEvent[], through: Position, attempts: number, error: TypeError): Promise<boolean> {
    const middle = events.length >> 1;
    const half = events[middle - 1];
    if (half) {
      const first = await this.#project(events.slice(0, middle), half.position, attempts + 1);
      return first && this.#project(events.slice(middle), through, attempts + 1);
    }
    const [culprit] = events;
    if (!culprit || this.#refused.has(culprit.position)) throw error;
    this.#refused.set(culprit.position, { error: error.message, attempts });
    return this.#project(events, through, attempts);
  }

  #reached(position: Position, { parked, blocked }: FoldedBatch): true {
    this.#position = position;
    this.#blocked = blocked;
    this.#parked += parked.length;
    for (const event of parked) this.options.onParked?.(event);
    this.options.onProgress?.(position);
    return true;
  }
}
