/** A runner's view of the folder that its session works in. */
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { SessionRepo } from '#contracts';
import { MAX_FILE_BYTES } from '../folder/index.js';
import { configureRemote, gitBranch, gitBranches, gitStatus, isRemoteUrl } from './git.js';
import { Refusal } from './refusal.js';
import { folderOf, runOf, textOf } from './request.js';

export const CONTENT_ROUTES: readonly RouteOptions[] = [
  { method: 'GET', url: '/content/list', handler: list },
  { method: 'GET', url: '/content/file', handler: read },
  { method: 'DELETE', url: '/content/delete', handler: remove },
  { method: 'GET', url: '/content/git-status', handler: request => gitStatus(folderOf(request), pathOf(request)) },
  { method: 'GET', url: '/content/git-list-branches', handler: request => gitBranches(folderOf(request), pathOf(request)) },
  { method: 'POST', url: '/content/git-configure-remote', handler: setRemote },
  { method: 'GET', url: '/repos/status', handler: repos },
];

const WRITE: RouteOptions = { method: 'PUT', url: '/content/write', handler: write, bodyLimit: MAX_FILE_BYTES };

/** The one route whose body is a file, whatever its type says. */
export async function fileUploads(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', async ({ headers }) => void (headers['content-type'] = 'application/octet-stream'));
  app.route(WRITE);
}

const pathOf = ({ query }: FastifyRequest): string => textOf(query, 'path');

async function list(request: FastifyRequest): Promise<object> {
  const recursive = textOf(request.query, 'recursive') === 'true';
  return { files: await folderOf(request).list(pathOf(request), recursive) };
}

async function read(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const content = await folderOf(request).read(pathOf(request));
  // Whatever it is: it comes from an agent, and is for no browser to show under our origin.
  await reply
    .type('application/octet-stream')
    .headers({ 'x-content-type-options': 'nosniff', 'content-disposition': 'attachment' })
    .send(content);
}

async function write(request: FastifyRequest): Promise<object> {
  const path = pathOf(request);
  const body = (request.body as Readable | undefined) ?? request.raw;
  // A body that is not read to its end does not take the connection with it: there is an answer to come.
  return { path, size: await folderOf(request).write(path, body.iterator({ destroyOnReturn: false })) };
}

async function remove(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  await folderOf(request).remove(pathOf(request));
  await reply.status(204).send();
}

async function setRemote(request: FastifyRequest): Promise<object> {
  const remoteUrl = textOf(request.body, 'remoteUrl');
  if (!isRemoteUrl(remoteUrl)) throw new Refusal(8, 'remoteUrl must be an https or ssh URL without credentials');
  await configureRemote(folderOf(request), textOf(request.body, 'path'), remoteUrl);
  return { remote: 'origin', remoteUrl };
}

/** What became of the repositories that the session works in. */
async function repos(request: FastifyRequest): Promise<object> {
  const folder = folderOf(request);
  const wanted = JSON.parse(runOf(request).session.repos ?? '[]') as readonly SessionRepo[];
  return Promise.all(
    wanted.map(async ({ name, url, branch }) => {
      const currentBranch = await gitBranch(folder, name);
      return { name, url, branch, cloned: currentBranch !== undefined, currentBranch };
    }),
  );
}
