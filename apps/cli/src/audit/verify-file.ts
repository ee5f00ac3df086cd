/** Verifies an export without the server. Every byte counts: what can't be read as text, or is not ended, is not what was written. */
import { createReadStream } from 'node:fs';
import { AuditVerifier, type AuditVerdict } from '#contracts';
import { UsageError } from '../errors.js';

export type FileVerdict = AuditVerdict;

interface VerifyOptions {
  readonly partial: boolean;
  readonly onProgress?: (events: number) => void;
}

const CHUNK = 1024 * 1024;
const LINE_FEED = 10;
const PROGRESS_LINES = 1000;

/** @param path `-` is standard input @throws {UsageError} when it can't be read */
export const verifyFile = (path: string, options: VerifyOptions): Promise<FileVerdict> => verifyBytes(chunksOf(path), options);

/** The same of an export in pieces. */
export async function verifyBytes(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  { partial, onProgress }: VerifyOptions,
): Promise<FileVerdict> {
  const verifier = new AuditVerifier({ partial });
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let count = 0;
  const take = (line: Uint8Array): void => {
    verifier.line(textOf(line, decoder));
    count += 1;
    if (count % PROGRESS_LINES === 0) onProgress?.(count);
  };
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      const line = chunk.subarray(from, end);
      take(rest.length === 0 ? line : Buffer.concat([rest, line]));
      rest = EMPTY;
      from = end + 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(from)]);
  }
  // Its line feed is missing, and perhaps more: a line that is never one.
  if (rest.length > 0) verifier.line('');
  return verifier.verdict();
}

const EMPTY = new Uint8Array();

/** A line that is not UTF-8 is no line that was written: nothing of it is guessed at. */
function textOf(line: Uint8Array, decoder: { decode(bytes: Uint8Array): string }): string {
  try {
    return decoder.decode(line);
  } catch {
    return '';
  }
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const stream = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK });
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    throw new UsageError(`${path} can't be read: ${(error as Error).message}`, { cause: error });
  }
}
