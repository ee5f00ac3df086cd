import type { FastifyReply } from 'fastify';

/** A resource with the revision that its ETag tells. */
export interface Single<T> {
  readonly resource: T;
  readonly revision: number;
}

/** Answers a single resource with its ETag. */
export function withETag<T>(reply: FastifyReply, { resource, revision }: Single<T>): T {
  void reply.header('ETag', `"${revision}"`);
  return resource;
}
