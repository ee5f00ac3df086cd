import { type EventStore, WrongExpectedRevision } from '#event-store';
import { Chains } from './chains.js';
import { assertSame } from './compare.js';
import { LogReader } from './log-reader.js';
import { asWrites } from './writes.js';

export type Step = 'comparing' | 'copying' | 'verifying';

export interface CopyOptions {
  /** Whether both logs are read again at the end and compared. */
  readonly verify: boolean;
  /** Called now and then with the number of events that the step has done. */
  readonly onProgress?: (step: Step, events: number) => void;
}

export interface CopyResult {
  /** Events that this call has copied. */
  readonly copied: number;
  /** Events that the target holds now: those that the source held when the call began. */
  readonly total: number;
  readonly verified: boolean;
}

/** Events read, and appended, at a time. */
const PAGE = 500;

/**
 * Copies a log: event n of the source becomes event n of the target, with its stream, revision, id and type, and the bytes of its data and
 * metadata, so that times and hashes are kept with them. The numbers that an engine gives to positions are its own; between two embedded
 * stores they are the same. What the source gets after the call began is left for the next call.
 *
 * A target holds nothing but a beginning of the source, and the copy goes on where it ends: there is no other record of how far it is, so it
 * may be broken off at any point. The memory it takes grows with the number of streams, by about 250 bytes each.
 * @throws {Error} the target holds something else; a hash chain of the source is broken, and nothing of the page it breaks in is copied; an
 * engine can't be asked; the target differs from the source in the end
 */
export async function copyLog(source: EventStore, target: EventStore, options: CopyOptions): Promise<CopyResult> {
  const head = await new LogReader('source', source).head();
  const due = (): LogReader => new LogReader('source', source, position => head !== undefined && position <= head);
  const chains = new Chains();
  const reader = due();
  const present = await passCopied(reader, new LogReader('target', target), chains, options);
  const copied = await copyRest(reader, target, chains, options);
  const total = present + copied;
  if (options.verify) await verify(due(), new LogReader('target', target), options);
  return { copied, total, verified: options.verify };
}

/** Leads the source behind the events that the target holds. @returns how many */
async function passCopied(source: LogReader, target: LogReader, chains: Chains, { onProgress }: CopyOptions): Promise<number> {
  for (let passed = 0; ;) {
    const present = await target.take(PAGE);
    if (present.length === 0) return passed;
    const events = await source.take(present.length);
    assertSame(events, present, passed);
    chains.follow(events);
    passed += present.length;
    onProgress?.('comparing', passed);
  }
}

/** @returns how many events were copied */
async function copyRest(source: LogReader, target: EventStore, chains: Chains, { onProgress }: CopyOptions): Promise<number> {
  for (let copied = 0; ;) {
    const events = await source.take(PAGE);
    if (events.length === 0) return copied;
    chains.follow(events);
    await target.append(asWrites(events)).catch((error: unknown) => {
      throw new Error(reasonOf(error), { cause: error });
    });
    copied += events.length;
    onProgress?.('copying', copied);
  }
}

function reasonOf(error: unknown): string {
  const { message } = error as Error;
  if (error instanceof WrongExpectedRevision) return `something else writes to the target: ${message}`;
  return `the target has not taken the events, run the command again to go on: ${message}`;
}

/** @throws {Error} the logs differ, or one is longer */
async function verify(source: LogReader, target: LogReader, { onProgress }: CopyOptions): Promise<void> {
  for (let verified = 0; ;) {
    const [events, copies] = await Promise.all([source.take(PAGE), target.take(PAGE)]);
    assertSame(events, copies, verified);
    if (events.length === 0) return;
    verified += events.length;
    onProgress?.('verifying', verified);
  }
}
