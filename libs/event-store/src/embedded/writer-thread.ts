import { extname } from 'node:path';
import { setImmediate } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { EventStoreUnavailable, type StreamWrite, WrongExpectedRevision, type WriteResult } from '../event-store.js';
import type { AppendReply, AppendRequest, WriterOptions, WriterReply, WriterRequest } from './writer-protocol.js';

interface PendingAppend {
  readonly writes: readonly StreamWrite[];
  readonly resolve: (results: WriteResult[]) => void;
  readonly reject: (error: Error) => void;
}

/** Starts the writer from the source or the built file, whichever this file is. */
export function startWriter(options: WriterOptions): Worker {
  const extension = extname(fileURLToPath(import.meta.url));
  return new Worker(new URL(`./writer${extension}`, import.meta.url), { workerData: options });
}

/** The calling side of the writer thread: sends appends, one message for each turn of the event loop, and settles them by its answers. */
export class WriterThread {
  readonly #pending = new Map<number, PendingAppend>();
  readonly #exited: Promise<void>;
  #outbox: AppendRequest[] = [];
  #lastId = 0;
  /** Why nothing can be appended any more. */
  #stopped: EventStoreUnavailable | undefined;

  private constructor(
    private readonly worker: Worker,
    private readonly onCommit: () => void,
  ) {
    const exited = Promise.withResolvers<void>();
    this.#exited = exited.promise;
    worker.on('message', (reply: WriterReply) => {
      if (reply !== 'open') this.#settle(reply);
    });
    worker.on('error', (error: Error) => this.#stop(error.message));
    worker.on('exit', code => {
      this.#stop(`the writer thread has exited with code ${code}`);
      exited.resolve();
    });
  }

  /**
   * Resolves when the writer holds the lock of the file and has opened it.
   * @throws {EventStoreUnavailable} another writer has the file, it can't be opened, or its format is newer
   */
  static async start(worker: Worker, onCommit: () => void): Promise<WriterThread> {
    const thread = new WriterThread(worker, onCommit);
    const opened = new Promise<void>(resolve => worker.once('message', () => resolve()));
    await Promise.race([opened, thread.#exited]);
    if (thread.#stopped) throw thread.#stopped;
    return thread;
  }

  /** Resolves when the writes are durable. */
  append(writes: readonly StreamWrite[]): Promise<WriteResult[]> {
    if (this.#stopped) return Promise.reject(this.#stopped);
    const { promise, resolve, reject } = Promise.withResolvers<WriteResult[]>();
    const id = ++this.#lastId;
    this.#pending.set(id, { writes, resolve, reject });
    if (this.#outbox.push({ id, writes }) === 1) setImmediate(() => this.#flush());
    return promise;
  }

  /** Answers what was appended before, then ends the thread, which closes the file and frees its lock. */
  async close(): Promise<void> {
    this.#stopped ??= new EventStoreUnavailable('the event store is closed');
    this.#flush();
    this.#post('close');
    await this.#exited;
  }

  #flush(): void {
    if (this.#outbox.length === 0) return;
    this.#post(this.#outbox);
    this.#outbox = [];
  }

  #post(request: WriterRequest): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a Worker has none
    this.worker.postMessage(request);
  }

  #settle(replies: readonly AppendReply[]): void {
    for (const reply of replies) {
      const pending = this.#pending.get(reply.id);
      if (!pending) throw new Error(`the writer answered append ${reply.id}, which is not under way`);
      this.#pending.delete(reply.id);
      if ('results' in reply) pending.resolve(reply.results);
      else if ('conflict' in reply) pending.reject(conflictError(pending.writes, reply.conflict));
      else pending.reject(new EventStoreUnavailable(reply.failure));
    }
    this.onCommit();
  }

  #stop(reason: string): void {
    this.#stopped ??= new EventStoreUnavailable(reason);
    for (const { reject } of this.#pending.values()) reject(new EventStoreUnavailable(reason));
    this.#pending.clear();
  }
}

function conflictError(writes: readonly StreamWrite[], { writeIndex, actual }: { writeIndex: number; actual: number }): Error {
  const write = writes[writeIndex];
  if (!write) throw new Error(`the writer answered for write ${writeIndex} of ${writes.length}`);
  return new WrongExpectedRevision(write.stream, write.expected, actual, writeIndex);
}
