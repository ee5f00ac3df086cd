/** Lists, answered from the read model. */
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ReadBarrier } from '#projections';
import { allOf, type Document, type DocumentSet, type Filter, type ReadStore } from '#read-store';
import type { ListKind, ListQuery } from './list-query.js';
import { READ_STORE } from './tokens.js';

/** How long a read waits for the read model to catch up with the log, in milliseconds. */
export const PATIENCE_MS = 500;

/** How new the read model is known to be. */
export interface Freshness {
  /** It holds everything that was in the log when the request came. */
  readonly current: boolean;
  /** Events it lacks, where that was asked. */
  readonly lagEvents?: number;
}

/** A list as it goes out. */
export interface ListAnswer {
  /** JSON text. */
  readonly body: string;
  readonly lagEvents?: number | undefined;
}

export interface ListRequest {
  readonly list: ListKind;
  readonly query: ListQuery;
  /** What belongs to the list at all, and what of it the caller may see. */
  readonly scope?: Filter | undefined;
  readonly freshness: Freshness;
  /** Where the documents are; in the read model, unless said otherwise. */
  readonly from?: DocumentSet;
  /** The items as JSON texts; as they are stored, unless said otherwise. */
  readonly present?: (documents: readonly Document[]) => readonly string[] | Promise<readonly string[]>;
}

@Injectable()
export class Lists {
  constructor(
    @Inject(READ_STORE) private readonly reads: ReadStore,
    @Inject(ReadBarrier) private readonly barrier: ReadBarrier,
  ) {}

  /** Waits for the read model to be as new as the request, unless the caller does not want that. */
  async freshness({ eventual }: ListQuery): Promise<Freshness> {
    if (eventual) return { current: false };
    const result = await this.barrier.waitForHead(PATIENCE_MS);
    return result.reached ? { current: true } : { current: false, lagEvents: result.lagEvents };
  }

  async answer({ list, query, scope, freshness, from = this.reads.live, present = asStored }: ListRequest): Promise<ListAnswer> {
    const { page, size, orderBy, fields, search } = query;
    const { total, documents } = await from.find({
      collection: list.collection.name,
      filter: allOf(...(scope ? [scope] : []), ...(search ? [search] : [])),
      orderBy,
      offset: Math.min((page - 1) * size, Number.MAX_SAFE_INTEGER),
      limit: size,
    });
    const texts = await present(documents);
    const items = fields ? texts.map(text => reduced(text, fields)) : texts;
    return {
      body: `{"kind":"${list.kind}","page":${page},"size":${items.length},"total":${total},"items":[${items.join(',')}]}`,
      lagEvents: freshness.lagEvents,
    };
  }
}

/** The bodies of documents, as they are stored. */
export const asStored = (documents: readonly Document[]): string[] => documents.map(bodyOf);

/** The JSON text of a document that is no tombstone. */
export function bodyOf({ id, json }: Document): string {
  if (json === undefined) throw new Error(`document ${id} was found and is a tombstone`);
  return json;
}

const reduced = (text: string, fields: ReadonlySet<string>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text) as object).filter(([name]) => fields.has(name))));

const JSON_TYPE = 'application/json; charset=utf-8';

/** JSON text as the answer. */
export function jsonText(reply: FastifyReply, body: string): string {
  void reply.header('Content-Type', JSON_TYPE);
  return body;
}

/** A list as the answer; how far the read model is behind, when it is, stands in a header. */
export function listAnswer(reply: FastifyReply, { body, lagEvents }: ListAnswer): string {
  return jsonText(reply, withLag(reply, body, lagEvents));
}

/** The same header on another answer that the read model has a part in. */
export function withLag<T>(reply: FastifyReply, answer: T, lagEvents: number | undefined): T {
  if (lagEvents !== undefined) void reply.header('X-Read-Lag-Events', String(lagEvents));
  return answer;
}
