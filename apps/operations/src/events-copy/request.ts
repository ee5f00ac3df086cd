import { statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { EventStoreAddress } from '#event-store';
import { oneLine, UsageError } from '../command-line.js';

export interface CopyRequest {
  readonly from: EventStoreAddress;
  readonly to: EventStoreAddress;
  /** Whether both logs are read again at the end and compared. */
  readonly verify: boolean;
}

/** @throws {UsageError} */
export function requestOf(args: readonly string[]): CopyRequest {
  const { from, to, verify } = optionsOf(args);
  if (!from || !to) throw new UsageError(`${from ? '--to' : '--from'} is missing`);
  const request = { from: addressOf(from), to: addressOf(to), verify };
  if (placeOf(request.from) === placeOf(request.to)) throw new UsageError('--from and --to are the same log');
  return request;
}

function optionsOf(args: readonly string[]) {
  const options = { from: { type: 'string' }, to: { type: 'string' }, verify: { type: 'boolean', default: true } } as const;
  try {
    return parseArgs({ args: [...args], options, allowNegative: true }).values;
  } catch (error) {
    throw new UsageError(oneLine(error), { cause: error });
  }
}

const SERVER = /^(kurrentdb|esdb)(\+discover)?:\/\//;
const ANY_SCHEME = /^([a-z][a-z\d+.-]*):\/\//i;

/**
 * A server by its URL; the embedded store by its data folder or its file. A path that is not there yet is a file when it ends in `.db`.
 * @throws {UsageError} the URL is not one of an event store
 */
export function addressOf(text: string): EventStoreAddress {
  if (SERVER.test(text)) return { url: text };
  const [, scheme] = ANY_SCHEME.exec(text) ?? [];
  if (scheme) throw new UsageError(`${scheme}:// is no event store: it is kurrentdb://, esdb://, a data folder or its events.db`);
  const path = resolve(text);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? extname(path) !== '.db';
  return { path: isFolder ? join(path, 'events.db') : path };
}

/** The same text for the same place, however its scheme is called. */
const placeOf = (address: EventStoreAddress): string =>
  'url' in address ? address.url.replace(/^esdb/, 'kurrentdb') : address.path;
