import { isDeepStrictEqual } from 'node:util';
import type { EventStore } from '#event-store';
import type { Document, DocumentSet, Position, ReadStore } from '#read-store';
import { COLLECTIONS, progress } from './collections.js';
import { isAfter } from './documents.js';
import { progressOf } from './progress.js';
import { Projector } from './projector.js';
import { REBUILD_BATCH, type RebuildOptions } from './rebuild.js';

/** Where a live document is not what the log makes of it. A side that is missing there is undefined. */
export interface Difference {
  readonly collection: string;
  readonly id: string;
  /** `position`, `body.name`, `state.revision` …; absent when one side has no such document. */
  readonly field?: string;
  readonly live: unknown;
  readonly rebuilt: unknown;
}

export type Verdict =
  { readonly equal: true; readonly documents: number } | { readonly equal: false; readonly first: Difference };

/**
 * Whether the live documents are what the log makes of them, document for document, positions and states included. Projecting may go on
 * meanwhile: see {@link Comparison}.
 * @throws {PoisonEvent} at an event that can't be projected
 */
export async function verify(events: EventStore, reads: ReadStore, options: RebuildOptions = {}): Promise<Verdict> {
  const set = await reads.beside('verify');
  try {
    const builder = new Projector(events, set, { ...options, poison: 'stop', batchSize: REBUILD_BATCH });
    return await new Comparison(reads.live, set, builder).run();
  } finally {
    await reads.drop('verify');
  }
}

/**
 * Compares two sets of which one moves. A document is the same function of the log wherever it was built, so it may be compared at any
 * position that both sets have reached. The rebuilt set never goes further than the live one was seen to be; where a live document has
 * moved on since, the rebuilt set is brought exactly to that document's position.
 */
class Comparison {
  constructor(
    private readonly live: DocumentSet,
    private readonly rebuilt: DocumentSet,
    private readonly builder: Projector,
  ) {}

  async run(): Promise<Verdict> {
    const start = await progressOf(this.live);
    if (start !== undefined) await this.builder.catchUp(start);
    let documents = 0;
    for (const { name } of COLLECTIONS) {
      if (name === progress.name) continue;
      for await (const page of this.live.scan(name)) {
        const first = await this.#compare(name, page);
        if (first) return { equal: false, first };
        documents += page.length;
      }
      const first = await this.#missing(name);
      if (first) return { equal: false, first };
    }
    return { equal: true, documents };
  }

  async #compare(collection: string, page: readonly Document[]): Promise<Difference | undefined> {
    const rebuilt = await byId(this.rebuilt, collection, page);
    for (const live of page) {
      if (same(live, rebuilt.get(live.id))) continue;
      const difference = await this.#settle(collection, live.id);
      if (difference) return difference;
    }
    return undefined;
  }

  /** Documents that the log makes and the live set lacks. */
  async #missing(collection: string): Promise<Difference | undefined> {
    for await (const page of this.rebuilt.scan(collection)) {
      const live = await byId(this.live, collection, page);
      for (const { id } of page) {
        const difference = live.has(id) ? undefined : await this.#settle(collection, id);
        if (difference) return difference;
      }
    }
    return undefined;
  }

  /** The last word on one document: what the live set has now, against the log up to that document's position. */
  async #settle(collection: string, id: string): Promise<Difference | undefined> {
    const live = await documentOf(this.live, collection, id);
    if (live && isAfter(live.position, this.builder.position)) await this.builder.catchUp(live.position);
    const rebuilt = await documentOf(this.rebuilt, collection, id);
    return same(live, rebuilt) ? undefined : differenceOf(collection, id, live, rebuilt);
  }
}

async function byId(set: DocumentSet, collection: string, page: readonly Document[]): Promise<Map<string, Document>> {
  const documents = await set.get(
    collection,
    page.map(({ id }) => id),
  );
  return new Map(documents.map(document => [document.id, document]));
}

async function documentOf(set: DocumentSet, collection: string, id: string): Promise<Document | undefined> {
  const [document] = await set.get(collection, [id]);
  return document;
}

const same = (a: Document | undefined, b: Document | undefined): boolean =>
  a !== undefined && b !== undefined && a.position === b.position && a.json === b.json && a.state === b.state;

/** Engines may write the same value as another text: what counts is the value. */
function differenceOf(collection: string, id: string, live?: Document, rebuilt?: Document): Difference | undefined {
  const [mine, theirs] = [live && fieldsOf(live), rebuilt && fieldsOf(rebuilt)];
  if (!mine || !theirs) return mine === theirs ? undefined : { collection, id, live: mine, rebuilt: theirs };
  const fields = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  const field = fields.find(name => !isDeepStrictEqual(mine[name], theirs[name]));
  return field === undefined ? undefined : { collection, id, field, live: mine[field], rebuilt: theirs[field] };
}

function fieldsOf({ position, json, state }: Document): Record<string, unknown> {
  const members = (prefix: string, text: string): [string, unknown][] =>
    Object.entries(JSON.parse(text) as object).map(([name, value]) => [`${prefix}.${name}`, value]);
  return Object.fromEntries([
    ['position', position] as [string, Position],
    ...members('body', json ?? '{}'),
    ...members('state', state),
  ]);
}
