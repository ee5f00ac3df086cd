import type { FastifyReply } from 'fastify';

/** A resource with the revision that its ETag tells. No revision: as it was at an earlier time, when nothing can be done to it any more. */
export interface Single<T> {
  readonly resource: T;
  readonly revision?: number;
}

/** Answers a single resource with its ETag. */
export function withETag<T>(reply: FastifyReply, { resource, revision }: Single<T>): T {
  if (revision !== undefined) void reply.header('ETag', `"${revision}"`);
  return resource;
}
