import type { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Clock, Log } from '#bus';
import type { EventStoreAddress } from '#event-store';
import type { Position, ReadStoreAddress } from '#read-store';
import type { ParkedEvent } from './documents.js';

/** Where the thread finds the stores. The file of an embedded event store must exist. */
export interface ProjectorStores {
  readonly eventStore: EventStoreAddress;
  readonly readStore: ReadStoreAddress;
}

/** What the thread tells. */
export type ToParent =
  { readonly type: 'progress'; readonly position: Position } | { readonly type: 'parked'; readonly event: ParkedEvent };

export interface ProjectorThreadOptions extends ProjectorStores {
  readonly clock: Clock;
  readonly log: Log;
  readonly onProgress?: (position: Position) => void;
  readonly onParked?: (event: ParkedEvent) => void;
}

/** As much of a Worker as its host uses: it emits `message`, `error` and, last, `exit`. */
export type ProjectorWorker = Pick<EventEmitter, 'on'> & { postMessage(message: 'stop'): void };

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;

/** Runs a projector in a thread of its own, so that projecting never holds up an answer; starts it again when it crashes. */
export function startProjectorThread(options: ProjectorThreadOptions): ProjectorThread {
  const workerData: ProjectorStores = { eventStore: options.eventStore, readStore: options.readStore };
  return new ProjectorThread(options, () => new Worker(new URL('./projector-worker.js', import.meta.url), { workerData }));
}

/** The host's side of the thread. */
export class ProjectorThread {
  #worker: ProjectorWorker | undefined;
  #delay = FIRST_DELAY_MS;
  #cancelRestart: (() => void) | undefined;
  #stopping = false;
  readonly #stopped = Promise.withResolvers<void>();

  constructor(
    private readonly options: Pick<ProjectorThreadOptions, 'clock' | 'log' | 'onProgress' | 'onParked'>,
    private readonly spawn: () => ProjectorWorker,
  ) {
    this.#start();
  }

  /** Lets the thread finish the batch at hand; resolves when it is gone. */
  stop(): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true;
      this.#cancelRestart?.();
      if (this.#worker) this.#worker.postMessage('stop');
      else this.#stopped.resolve();
    }
    return this.#stopped.promise;
  }

  #start(): void {
    const worker = this.spawn();
    this.#worker = worker;
    worker.on('message', (message: ToParent) => this.#hear(message));
    worker.on('error', (error: Error) => this.options.log.error(`the projector's thread failed: ${error.message}`));
    worker.on('exit', () => this.#exited());
  }

  #hear(message: ToParent): void {
    switch (message.type) {
      case 'progress':
        this.#delay = FIRST_DELAY_MS;
        return this.options.onProgress?.(message.position);
      case 'parked': {
        const { type, stream, revision, error } = message.event;
        this.options.log.warn(`event ${revision} of ${stream} (${type}) is parked: ${error}`);
        return this.options.onParked?.(message.event);
      }
      default:
        message satisfies never;
    }
  }

  #exited(): void {
    this.#worker = undefined;
    if (this.#stopping) return this.#stopped.resolve();
    this.options.log.warn(`the projector's thread is gone; it starts again in ${this.#delay} ms`);
    this.#cancelRestart = this.options.clock.setTimer(this.#delay, () => this.#start());
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY_MS);
  }
}
