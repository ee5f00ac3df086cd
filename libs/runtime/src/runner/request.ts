import type { FastifyRequest } from 'fastify';
import type { Folder } from '../folder/index.js';
import type { LiveRun } from './live-run.js';
import { Refusal } from './refusal.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The run that a request to a runner is about. */
    run?: LiveRun;
  }
}

/** The run of a request that was let in. */
export function runOf(request: FastifyRequest): LiveRun {
  if (!request.run) throw new Error('the request was not let in');
  return request.run;
}

/** The working folder of that run. */
export function folderOf(request: FastifyRequest): Folder {
  const { folder } = runOf(request);
  if (!folder) throw new Refusal(502, 'the session has no working folder yet');
  return folder;
}

/** A text parameter of the query, or a field of the body; empty when it is not there. */
export function textOf(values: unknown, name: string): string {
  const value: unknown = (values as Record<string, unknown> | null | undefined)?.[name] ?? '';
  if (typeof value !== 'string') throw new Refusal(21, `${name} must be one text`);
  return value;
}
