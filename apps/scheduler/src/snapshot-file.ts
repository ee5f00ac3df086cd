/**
 * A snapshot of all ledgers in a file, so that a start reads the log from there on. It saves time and nothing else: one that is missing,
 * damaged, of a newer format or of another log is passed over, and the log is read from its first event.
 *
 * JSON, a line each: a header, then the ledgers, each kind of settings in a line before the first ledger that has it; after the last line
 * the SHA-256 of everything before, 64 digits.
 */
import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { EventStore } from '#event-store';
import { ScheduleBook, type Bookmark } from './schedule-book.js';
import type { SavedLedger } from './tick-ledger.js';
import { timingOf, type Settings, type Timing } from './timing.js';

const FORMAT = 2;
const NAME = 'scheduler.snapshot';
/** Ledgers written, or bytes read, before other work of the process gets its turn: a few milliseconds. */
const LEDGERS_AT_A_TIME = 1000;
const BYTES_AT_A_TIME = 256 * 1024;
const DIGEST_BYTES = 64;

interface Header {
  readonly format: number;
  readonly bookmark: Bookmark;
}

/** id, project, number of its settings (-1: none), enabled, starts, settled, newest decided, changed at, ahead, owed. */
type Line = readonly [
  string,
  string,
  number,
  0 | 1,
  number,
  number,
  number,
  number,
  SavedLedger['ahead'],
  readonly (readonly [tick: number, through: number | null, start: number, settings: number])[],
];

export class SnapshotFile {
  private readonly path: string;

  /** @param folder is there */
  constructor(
    private readonly folder: string,
    private readonly log: Logger,
  ) {
    this.path = join(folder, NAME);
  }

  /** The book as it was written, when this is its log; undefined when there is none to be had. */
  async read(eventStore: EventStore): Promise<ScheduleBook | undefined> {
    const passedOver = (why: string): undefined => {
      this.log.warn(`${this.path} is passed over, the log is read from its start: ${why}`);
    };
    let file: FileHandle;
    try {
      file = await open(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        this.log.info(`there is no ${this.path}: the log is read from its start`);
        return undefined;
      }
      return passedOver((error as Error).message);
    }
    try {
      const book = await readBook(file);
      return (await isOfThisLog(book, eventStore)) ? book : passedOver('it is of another log');
    } catch (error) {
      if (error instanceof NoSnapshot || error instanceof SyntaxError) return passedOver(error.message);
      throw error;
    } finally {
      await file.close();
    }
  }

  /** Replaces the file in one step. The book must take in no event meanwhile. */
  async write(book: ScheduleBook): Promise<void> {
    const { bookmark } = book;
    if (!bookmark) return;
    const temporary = `${this.path}.${randomUUID()}`;
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        const digest = createHash('sha256');
        for (const part of partsOf({ format: FORMAT, bookmark }, book)) {
          digest.update(part);
          await file.write(part);
        }
        await file.write(digest.digest('hex'));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    const folder = await open(dirname(this.path));
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

class NoSnapshot extends Error {}

function* partsOf(header: Header, book: ScheduleBook): Generator<string> {
  const numbers = new Map<Timing, number>();
  let part = `${JSON.stringify(header)}\n`;
  let ledgers = 0;
  const numberOf = (timing: Timing): number => {
    const known = numbers.get(timing);
    if (known !== undefined) return known;
    part += `${JSON.stringify(timing.settings)}\n`;
    numbers.set(timing, numbers.size);
    return numbers.size - 1;
  };
  for (const ledger of book.all()) {
    const { id, projectId, timing, enabled, starts, settled, newestDecided, changedAt, ahead, owed } = ledger.saved();
    const own = timing ? numberOf(timing) : -1;
    const due = owed.map(({ tick, through, start, timing }) => [tick, through ?? null, start, numberOf(timing)] as const);
    const line: Line = [id, projectId, own, enabled ? 1 : 0, starts, settled, newestDecided, changedAt, ahead, due];
    part += `${JSON.stringify(line)}\n`;
    ledgers += 1;
    if (ledgers % LEDGERS_AT_A_TIME > 0) continue;
    yield part;
    part = '';
  }
  yield part;
}

/** @throws {NoSnapshot | SyntaxError} */
async function readBook(file: FileHandle): Promise<ScheduleBook> {
  const { size } = await file.stat();
  const end = size - DIGEST_BYTES;
  const digest = createHash('sha256');
  const reader = new Reader();
  const buffer = Buffer.allocUnsafe(BYTES_AT_A_TIME);
  let rest = '';
  for (let at = 0; at < end;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - at), at);
    if (bytesRead === 0) break;
    const bytes = buffer.subarray(0, bytesRead);
    digest.update(bytes);
    // Names and ids are ASCII, and JSON.stringify leaves nothing else in what is kept here but zones and expressions, ASCII too.
    const lines = (rest + bytes.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) reader.take(line);
    at += bytesRead;
  }
  const { bytesRead } = await file.read(buffer, 0, DIGEST_BYTES, Math.max(0, end));
  if (digest.digest('hex') !== buffer.toString('latin1', 0, bytesRead) || rest !== '')
    throw new NoSnapshot('its checksum does not fit');
  return reader.done();
}

/** Puts a book together again, line by line. */
class Reader {
  private readonly book = new ScheduleBook();
  private readonly timings: Timing[] = [];
  private header: Header | undefined;

  take(line: string): void {
    const value: unknown = JSON.parse(line);
    if (!this.header) this.header = headerOf(value);
    else if (Array.isArray(value)) this.book.restore(this.ledgerOf(value as unknown as Line));
    else this.timings.push(timingOf(value as Settings));
  }

  /** @throws {NoSnapshot} */
  done(): ScheduleBook {
    if (!this.header) throw new NoSnapshot('it is empty');
    this.book.restoredTo(this.header.bookmark);
    return this.book;
  }

  private ledgerOf([
    id,
    projectId,
    settings,
    enabled,
    starts,
    settled,
    newestDecided,
    changedAt,
    ahead,
    owed,
  ]: Line): SavedLedger {
    return {
      id,
      projectId,
      timing: settings < 0 ? undefined : this.numbered(settings),
      enabled: enabled === 1,
      starts,
      settled,
      newestDecided,
      changedAt,
      ahead,
      owed: owed.map(([tick, through, start, number]) => ({
        tick,
        ...(through === null ? {} : { through }),
        start,
        timing: this.numbered(number),
      })),
    };
  }

  private numbered(number: number): Timing {
    const timing = this.timings[number];
    if (!timing) throw new NoSnapshot(`it names settings number ${number}, which are not in it`);
    return timing;
  }
}

/** @throws {NoSnapshot} */
function headerOf(value: unknown): Header {
  const header = value as Partial<Header> | null;
  if (typeof header?.format !== 'number' || !header.bookmark) throw new NoSnapshot('it does not begin as a snapshot does');
  if (header.format !== FORMAT) throw new NoSnapshot(`its format is ${header.format}, this program reads ${FORMAT}`);
  return { format: header.format, bookmark: header.bookmark };
}

/** The last event that the book has taken in is in the log, at the very same place. */
async function isOfThisLog({ bookmark }: ScheduleBook, eventStore: EventStore): Promise<boolean> {
  if (!bookmark) return false;
  const [there] = await eventStore.readStream(bookmark.stream, { from: bookmark.revision, limit: 1 });
  return there?.id === bookmark.id && there.revision === bookmark.revision && there.position === bookmark.position;
}
