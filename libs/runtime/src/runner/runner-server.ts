/** The runner protocol over HTTP, for all sessions of a runtime: `/{session_id}` before each path tells whose runner is asked. */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { type Log, messageOf } from '../log.js';
import { CONTENT_ROUTES, fileUploads } from './content-routes.js';
import type { LiveRuns } from './live-run.js';
import { answerOf, Refusal } from './refusal.js';
import { RUN_ROUTES } from './run-routes.js';
import { holdsToken, SESSION_TOKEN_HEADER } from './session-token.js';

export interface RunnerServerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** What the tokens of sessions follow from; the proxy has it too. */
  readonly tokenKey: string | Uint8Array;
  readonly runs: LiveRuns;
  readonly log: Log;
}

export interface RunnerServer {
  /** Origin, with the port that was taken. */
  readonly url: string;
  /** Takes no more, and cuts off what goes on. */
  close(): Promise<void>;
}

const JSON_LIMIT_BYTES = 1_048_576;

export async function startRunnerServer(options: RunnerServerOptions): Promise<RunnerServer> {
  const { host, port, log } = options;
  const app = fastify({
    bodyLimit: JSON_LIMIT_BYTES,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    genReqId: ({ headers }) => headers['x-operation-id']?.toString() ?? randomUUID(),
  });
  app.decorateRequest('run');
  app.setErrorHandler<Error>((error, request, reply) => {
    const { status, body, foreseen } = answerOf(error, request.id);
    if (!foreseen)
      log.error(`the runner failed at ${request.routeOptions.url ?? 'a request'} (${request.id}): ${messageOf(error)}`);
    return reply.status(status).header('content-type', 'application/problem+json').send(JSON.stringify(body));
  });
  app.setNotFoundHandler(() => {
    throw new Refusal(7, 'there is nothing at this path');
  });
  await app.register(served(options), { prefix: '/:session_id' });
  await app.listen({ host, port });
  const { port: taken } = app.server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`, close: () => app.close() };
}

/** The routes of a runner, each behind the token of its session. */
const served =
  ({ runs, tokenKey }: RunnerServerOptions) =>
  async (app: FastifyInstance): Promise<void> => {
    // Before a body is read. Whoever has no token learns nothing of which sessions there are.
    app.addHook('onRequest', async request => {
      const { session_id: id = '' } = request.params as { session_id?: string };
      if (!holdsToken(tokenKey, id, request.headers[SESSION_TOKEN_HEADER])) {
        throw new Refusal(15, `the token of the session is required in ${SESSION_TOKEN_HEADER}`);
      }
      const run = runs.runOf(id);
      // As if nobody listened: a session that waits to run has no runner yet.
      if (!run) throw new Refusal(502, 'the session has no runner now');
      request.run = run;
    });
    for (const route of [...RUN_ROUTES, ...CONTENT_ROUTES]) app.route({ ...route });
    await app.register(fileUploads);
  };
