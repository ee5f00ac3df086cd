import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, pause } from '../clock.js';
import { type AgUiEvent, serverSent } from './ag-ui.js';

const { O_RDWR, O_CREAT, O_EXCL } = constants;
const PIECE_BYTES = 65_536;
/** So much may wait for the disk before whoever writes has to wait too. */
const WAITING_CHARACTERS = 1_048_576;
const HEARTBEAT = Buffer.from(': ping\n\n');

export interface EventLogOptions {
  /** A file that does not exist yet. */
  readonly path: string;
  readonly clock: Clock;
  /** Milliseconds of silence after which a reader hears that the stream is alive. */
  readonly heartbeatMs: number;
  /** Hears of it once, when the log can't be written. */
  readonly onFailure?: (error: Error) => void;
}

/**
 * The events of one run as a server-sent stream that anyone may join late. They are kept in a file, not in memory, so that a long run costs
 * no more than a short one and each reader goes at its own pace. The file has no name: it is gone with the process, however that ends.
 */
export class EventLog {
  readonly #options: EventLogOptions;
  #file: Promise<FileHandle> | undefined;
  #written = 0;
  #closed = false;
  #failure: Error | undefined;
  #readers = 0;
  #waiting: string[] = [];
  #waitingLength = 0;
  #writing: Promise<void> | undefined;
  readonly #sleepers = new Set<AbortController>();

  constructor(options: EventLogOptions) {
    this.#options = options;
  }

  /** Resolves when more may come. A log that can't be written breaks off its readers; the run goes on. */
  async append(...events: readonly AgUiEvent[]): Promise<void> {
    if (this.#failure) return;
    const now = this.#options.clock.now();
    for (const event of events) {
      const text = serverSent(event, now);
      this.#waiting.push(text);
      this.#waitingLength += text.length;
    }
    this.#writing ??= this.#write();
    if (this.#waitingLength > WAITING_CHARACTERS) await this.#writing;
  }

  /** There will be no more: readers end where it ends. */
  async close(): Promise<void> {
    await this.#writing;
    this.#closed = true;
    this.#wake();
    await this.#letGo();
  }

  /** From the first event on, until the log is closed or the signal is aborted. A heartbeat never comes within an event. */
  async *live(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    yield* this.#read(() => !this.#closed && !signal.aborted, signal);
  }

  /** What there is now. */
  async *soFar(): AsyncGenerator<Uint8Array> {
    yield* this.#read(() => false, AbortSignal.abort());
  }

  async *#read(goesOn: () => boolean, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    this.#readers++;
    try {
      for (let at = 0; ;) {
        const piece = await this.#pieceAt(at);
        if (piece) {
          at += piece.length;
          yield piece;
        } else if (this.#failure) throw this.#failure;
        else if (!goesOn()) return;
        else if (await this.#silence(signal)) yield HEARTBEAT;
      }
    } finally {
      this.#readers--;
      await this.#letGo();
    }
  }

  async #pieceAt(at: number): Promise<Uint8Array | undefined> {
    if (at === this.#written) return undefined;
    const file = await this.#file;
    if (!file) throw new Error('the run has ended, and its event log with it');
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, this.#written - at));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) throw new Error('the event log is shorter than what was written to it');
    return piece.subarray(0, bytesRead);
  }

  /** Waits for more; true when nothing came for as long as a heartbeat may be. */
  async #silence(signal: AbortSignal): Promise<boolean> {
    const sleeper = new AbortController();
    this.#sleepers.add(sleeper);
    const { clock, heartbeatMs } = this.#options;
    await pause(clock, heartbeatMs, AbortSignal.any([signal, sleeper.signal]));
    this.#sleepers.delete(sleeper);
    return !signal.aborted && !sleeper.signal.aborted;
  }

  #wake(): void {
    for (const sleeper of this.#sleepers) sleeper.abort();
  }

  /** Writes what waits, as much as there is at a time. Never rejects. */
  async #write(): Promise<void> {
    try {
      this.#file ??= nameless(this.#options.path);
      const file = await this.#file;
      while (this.#waiting.length > 0) {
        const bytes = Buffer.from(this.#waiting.join(''));
        this.#waiting = [];
        this.#waitingLength = 0;
        for (let done = 0; done < bytes.length;) {
          done += (await file.write(bytes, done, bytes.length - done, this.#written + done)).bytesWritten;
        }
        this.#written += bytes.length;
        this.#wake();
      }
      this.#writing = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#options.onFailure?.(this.#failure);
      this.#wake();
    }
  }

  async #letGo(): Promise<void> {
    if (!this.#closed || this.#readers > 0) return;
    const file = this.#file;
    this.#file = undefined;
    await (await file?.catch(() => undefined))?.close();
  }
}

/** A file that only its handle leads to. */
async function nameless(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, O_RDWR | O_CREAT | O_EXCL, 0o600);
  await unlink(path);
  return file;
}
