/** A runner's view of the folder that its session works in. */
import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { SessionRepo } from '#contracts';
import { MAX_FILE_BYTES } from '../folder/index.js';
import { configureRemote, gitBranch, gitBranches, gitStatus, isRemoteUrl } from './git.js';
import { Refusal } from './refusal.js';
import { folderOf, runOf, textOf } from './request.js';

export async function contentRoutes(app: FastifyInstance): Promise<void> {
  app.get('/content/list', async request => {
    const recursive = textOf(request.query, 'recursive') === 'true';
    return { files: await folderOf(request).list(textOf(request.query, 'path'), recursive) };
  });

  app.get('/content/file', async (request, reply) => {
    const content = await folderOf(request).read(textOf(request.query, 'path'));
    // Whatever it is: it comes from an agent, and is for no browser to show under our origin.
    return reply
      .type('application/octet-stream')
      .headers({ 'x-content-type-options': 'nosniff', 'content-disposition': 'attachment' })
      .send(content);
  });

  app.delete('/content/delete', async (request, reply) => {
    await folderOf(request).remove(textOf(request.query, 'path'));
    return reply.status(204).send();
  });

  app.get('/content/git-status', request => gitStatus(folderOf(request), textOf(request.query, 'path')));

  app.get('/content/git-list-branches', request => gitBranches(folderOf(request), textOf(request.query, 'path')));

  app.post('/content/git-configure-remote', async request => {
    const url = textOf(request.body, 'remoteUrl');
    if (!isRemoteUrl(url)) throw new Refusal(8, 'remoteUrl must be an https or ssh URL without credentials');
    await configureRemote(folderOf(request), textOf(request.body, 'path'), url);
    return { remote: 'origin', remoteUrl: url };
  });

  app.get('/repos/status', async request => {
    const folder = folderOf(request);
    const repos = JSON.parse(runOf(request).session.repos ?? '[]') as readonly SessionRepo[];
    return Promise.all(
      repos.map(async ({ name, url, branch }) => {
        const present = await gitBranch(folder, name).catch(() => undefined);
        return { name, url, branch, cloned: present !== undefined, currentBranch: present };
      }),
    );
  });

  await app.register(fileUploads);
}

/** Whatever its type, the body is the file. */
async function fileUploads(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', async ({ headers }) => void (headers['content-type'] = 'application/octet-stream'));
  app.put('/content/write', { bodyLimit: MAX_FILE_BYTES }, async request => {
    const path = textOf(request.query, 'path');
    const content = (request.body as Readable | undefined) ?? request.raw;
    return { path, size: await folderOf(request).write(path, content) };
  });
}
