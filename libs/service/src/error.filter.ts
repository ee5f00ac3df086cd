import { Catch, HttpException, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { fullPath, ROUTES } from '#contracts';
import { answerError } from './answer.js';
import { Problem } from './problem.js';

/** Everything that a handler throws, and what no handler takes, in the one envelope. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly methods: readonly { pattern: RegExp; allowed: string }[];

  constructor(
    service: string,
    private readonly log: Logger,
  ) {
    this.methods = methodsByPath(service);
  }

  catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    return answerError(this.original(error, request), request, http.getResponse<FastifyReply>(), this.log);
  }

  /** Nest tells of a missing route, and wraps what Fastify found wrong with a request, in exceptions of its own. */
  private original(error: unknown, request: FastifyRequest): unknown {
    if (error instanceof NotFoundException) return this.noRoute(request);
    return error instanceof HttpException && error.cause ? error.cause : error;
  }

  /** Nest's router found nothing: is it the path, or only the method? */
  private noRoute({ url, method }: FastifyRequest): Problem {
    const path = url.split('?', 1)[0] ?? '';
    const allowed = this.methods.find(({ pattern }) => pattern.test(path))?.allowed;
    return allowed === undefined
      ? new Problem(7, 'there is nothing at this path')
      : new Problem(405, `${method} is not possible here, only ${allowed}`, undefined, { Allow: allowed });
  }
}

function methodsByPath(service: string): { pattern: RegExp; allowed: string }[] {
  const byPath = new Map<string, string[]>();
  for (const route of ROUTES.filter(row => row.service === service)) {
    const path = fullPath(route);
    byPath.set(path, [...(byPath.get(path) ?? []), route.method]);
  }
  return [...byPath].map(([path, allowed]) => ({
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    allowed: allowed.join(', '),
  }));
}
