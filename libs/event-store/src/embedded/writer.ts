/**
 * The writer thread of the embedded event store: the one connection that writes. Appends that arrive while a commit is under way wait
 * in the port and are committed together, so one fsync serves many callers.
 *
 * Imports only `node:` modules and types, in erasable TypeScript: Node runs this file as it is (under Jest) and built.
 */
import { DatabaseSync } from 'node:sqlite';
import { BroadcastChannel, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { StreamWrite, WriteResult } from '../event-store.js';
import type { AppendReply, AppendRequest, Conflict, WriterOptions, WriterReply, WriterRequest } from './writer-protocol.js';

/** Appends in a group at most: bounds memory and the wait of the first caller. */
const GROUP_LIMIT = 4096;

/** Primary result code, https://sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

const { path, format, tables, channel: channelName } = workerData as WriterOptions;
if (!parentPort) throw new Error('writer.ts runs as a worker thread');
const port = parentPort;

/**
 * Holds the reserved lock of a small database beside the file as long as the thread lives. The kernel frees it when the process dies,
 * however it dies; and a reserved lock lets the one who comes too late read who holds it.
 */
function lock(): DatabaseSync {
  const lock = new DatabaseSync(`${path}.lock`);
  try {
    lock.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${process.pid}; PRAGMA busy_timeout = 1000; COMMIT`);
    lock.exec('PRAGMA busy_timeout = 0; BEGIN IMMEDIATE');
    return lock;
  } catch (error) {
    const holder = lock.isTransaction ? undefined : pragma(lock, 'user_version');
    lock.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new Error(
      holder === process.pid
        ? `${path} is already open for writing in this process`
        : `${path} is in use by another process (pid ${holder ?? 'unknown'})`,
      { cause: error },
    );
  }
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function open(): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5000 });
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -65536');
  const found = pragma(db, 'user_version');
  if (found > format) {
    db.close();
    throw new Error(
      `${path} has file format ${found}, newer than ${format}, the newest that this version of the program can write`,
    );
  }
  if (found === 0) db.exec(`BEGIN IMMEDIATE; ${tables}; COMMIT`);
  return db;
}

const lockHeld = lock();
let db: DatabaseSync;
try {
  db = open();
} catch (error) {
  lockHeld.close();
  throw error;
}
const channel = new BroadcastChannel(channelName);

const selectHead = db.prepare('SELECT max(position) AS head FROM events');
const selectStream = db.prepare('SELECT number FROM streams WHERE name = ?');
const insertStream = db.prepare('INSERT INTO streams (name) VALUES (?)');
const selectLast = db.prepare('SELECT max(revision) AS revision FROM events WHERE stream = ?');
const selectById = db.prepare('SELECT revision, position FROM events WHERE stream = ? AND id = ?');
const insertEvent = db.prepare(
  'INSERT INTO events (position, stream, category, revision, id, type, data, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
);

/** Row number of the newest event; the group counts on from it. */
let head = 0;

const asResult = (revision: number, position: number): WriteResult => ({
  revision,
  position: String(position).padStart(20, '0'),
});

/** Answers as the first time when every event of the write is in the stream, one after the other, where the writer expects them. */
function repeated(known: readonly { revision: number; position: number }[], first: number | undefined): WriteResult | undefined {
  const [start] = known;
  const last = known.at(-1);
  if (!start || !last || (first !== undefined && start.revision !== first)) return undefined;
  return known.every(({ revision }, index) => revision === start.revision + index)
    ? asResult(last.revision, last.position)
    : undefined;
}

/** Everything is checked before the first insert: a write that fails leaves nothing to undo, and the group needs no savepoints. */
function write({ stream, expected, events }: StreamWrite): WriteResult | { actual: number } {
  const existing = selectStream.get(stream)?.['number'] as number | undefined;
  const actual = existing === undefined ? -1 : (selectLast.get(existing)?.['revision'] as number);
  const first = expected === 'any' ? undefined : expected === 'none' ? 0 : expected + 1;

  const known =
    existing === undefined
      ? []
      : events.flatMap(({ id }) => (selectById.get(existing, id) as { revision: number; position: number } | undefined) ?? []);
  if (known.length > 0) return (known.length === events.length ? repeated(known, first) : undefined) ?? { actual };
  if (first !== undefined && first !== actual + 1) return { actual };

  const number = existing ?? insertStream.run(stream).lastInsertRowid;
  const category = stream.slice(0, Math.max(0, stream.indexOf('-')));
  let revision = actual;
  for (const { id, type, data, metadata } of events)
    insertEvent.run(++head, number, category, ++revision, id, type, data, metadata);
  return asResult(revision, head);
}

function append(writes: readonly StreamWrite[]): { results: WriteResult[] } | { conflict: Conflict } {
  const results: WriteResult[] = [];
  for (const [writeIndex, one] of writes.entries()) {
    const result = write(one);
    if ('actual' in result) return { conflict: { writeIndex, actual: result.actual } };
    results.push(result);
  }
  return { results };
}

/** One transaction for all; a full disk or a failing one rolls it back and is told to each caller. */
function commit(group: readonly AppendRequest[]): AppendReply[] {
  try {
    db.exec('BEGIN IMMEDIATE');
    head = (selectHead.get()?.['head'] as number | null) ?? 0;
    const replies = group.map(({ id, writes }) => ({ id, ...append(writes) }));
    db.exec('COMMIT');
    return replies;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    const failure = `${path}: ${error instanceof Error ? error.message : String(error)}`;
    return group.map(({ id }) => ({ id, failure }));
  }
}

function close(): void {
  channel.close();
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  lockHeld.close();
  port.close();
}

const send = (reply: WriterReply): void => port.postMessage(reply);

port.on('message', (received: WriterRequest) => {
  const group: AppendRequest[] = [];
  let request: WriterRequest | undefined = received;
  while (request !== undefined && request !== 'close') {
    for (const one of request) group.push(one);
    request = group.length < GROUP_LIMIT ? (receiveMessageOnPort(port)?.message as WriterRequest | undefined) : undefined;
  }
  if (group.length > 0) {
    send(commit(group));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has none
    channel.postMessage(undefined);
  }
  if (request === 'close') close();
});
send('open');
