import type { StreamWrite, WriteResult } from '../event-store.js';

/** What the writer thread is started with: it imports nothing of the project, so it is told. */
export interface WriterOptions {
  /** Real path of the database file. */
  readonly path: string;
  readonly format: number;
  /** SQL that makes an empty file an event store of this format. */
  readonly tables: string;
  /** Broadcast channel to announce commits on. */
  readonly channel: string;
}

/** One call of `append`. */
export interface AppendRequest {
  readonly id: number;
  readonly writes: readonly StreamWrite[];
}

/** To the writer: the appends of one turn of the event loop, or the wish to close after everything sent before. */
export type WriterRequest = readonly AppendRequest[] | 'close';

/** The write that stopped an append, and the revision (-1: none) its stream was found at. */
export interface Conflict {
  readonly writeIndex: number;
  readonly actual: number;
}

/** Answer to one append, sent after the commit. `failure` says why the whole group was rolled back. */
export type AppendReply = { readonly id: number } & (
  { readonly results: WriteResult[] } | { readonly conflict: Conflict } | { readonly failure: string }
);

/** From the writer: it is open, or the answers to the appends of one group. */
export type WriterReply = 'open' | readonly AppendReply[];
