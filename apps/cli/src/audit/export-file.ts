/** An export in a file, which can be gone on with: after a break, or when there is more to export. */
import { open, type FileHandle } from 'node:fs/promises';
import { UsageError } from '../errors.js';

const LINE_FEED = 10;
/** No event is longer. */
const LONGEST_LINE = 8 * 1024 * 1024;
const BATCH = 256 * 1024;

export class ExportFile {
  #waiting = '';

  private constructor(
    private readonly file: FileHandle,
    /** Of the last event that the file holds. */
    readonly lastPosition: string | undefined,
  ) {}

  /** Makes it, or goes on behind the last whole line of what is there. */
  static async open(path: string): Promise<ExportFile> {
    const file = await open(path, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - LONGEST_LINE);
      const tail = Buffer.alloc(size - from);
      await file.read(tail, 0, tail.length, from);
      const end = tail.lastIndexOf(LINE_FEED) + 1;
      // A line that was cut off.
      if (from + end < size) await file.truncate(from + end);
      return new ExportFile(file, end === 0 ? undefined : positionIn(tail.subarray(0, end - 1), path));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async add(line: string): Promise<void> {
    this.#waiting += `${line}\n`;
    if (this.#waiting.length >= BATCH) await this.#flush();
  }

  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.file.close();
    }
  }

  async #flush(): Promise<void> {
    const text = this.#waiting;
    this.#waiting = '';
    if (text !== '') await this.file.appendFile(text);
  }
}

/** @throws {UsageError} rather than add to a file that is something else */
function positionIn(lines: Buffer, path: string): string {
  const last = lines.subarray(lines.lastIndexOf(LINE_FEED) + 1).toString('utf8');
  try {
    const { position } = JSON.parse(last) as { position?: unknown };
    if (typeof position === 'string') return position;
  } catch {
    // Said below.
  }
  throw new UsageError(`${path} is there and is no audit export: it is left as it is`);
}
