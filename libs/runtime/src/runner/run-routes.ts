/** What a runner tells of its run, and takes for it. */
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { newUserMessages, saidIn } from './ag-ui.js';
import type { LiveRun } from './live-run.js';
import { Refusal } from './refusal.js';
import { runOf } from './request.js';

const MAX_OUTPUT_BYTES = 10 * 1_048_576;
const MAX_FEEDBACK_BYTES = 65_536;

export async function runRoutes(app: FastifyInstance): Promise<void> {
  app.get('/events/:id', async (request, reply) => {
    const { id } = request.params as { id: string };
    const { session, events } = runOf(request);
    if (id !== session.id) throw new Refusal(7, 'the events of another session are not here');
    await stream(request, reply, signal => events.live(signal));
  });

  app.post('/', async request => {
    const { id, session } = await told(runOf(request), request.body);
    return { threadId: session.id, runId: id };
  });

  app.post('/interrupt', async request => {
    runOf(request).interrupt();
    return { status: 'interrupted' };
  });

  app.post('/feedback', { bodyLimit: MAX_FEEDBACK_BYTES }, async (request, reply) => {
    if (typeof request.body !== 'object' || request.body === null) throw new Refusal(8, 'the feedback must be a JSON object');
    await runOf(request).note(`feedback: ${JSON.stringify(request.body)}`);
    return reply.status(202).send({ status: 'accepted' });
  });

  app.get('/capabilities', async request => ({
    framework: 'local',
    input: runOf(request).takesInput,
    features: ['events', 'interrupt', 'feedback', 'tasks', 'workspace', 'git'],
  }));

  app.get('/tasks', async request => {
    const tasks = [taskOf(runOf(request))];
    return { tasks, total: tasks.length };
  });

  app.post('/tasks/:task/stop', async request => {
    const run = demandTask(request);
    run.stop();
    return { ...taskOf(run), status: 'stopping' };
  });

  app.get('/tasks/:task/output', async (request, reply) => {
    const output = await outputOf(demandTask(request));
    return reply.type('text/plain; charset=utf-8').header('x-content-type-options', 'nosniff').send(output);
  });

  // A command has no servers that it would tell us of.
  app.get('/mcp/status', async () => ({ servers: [], totalCount: 0 }));
}

/** Says what is new in the body to the agent. */
async function told(run: LiveRun, body: unknown): Promise<LiveRun> {
  const messages = newUserMessages(body);
  if (!messages) throw new Refusal(8, 'messages must end with at least one of role user, with text as its content');
  for (const message of messages) {
    if (await run.say(message)) continue;
    throw new Refusal(6, 'the agent takes no more input: its command has read its prompt to the end, or has ended');
  }
  return run;
}

/** The command of a session is its one task, as long as it runs. */
const taskOf = ({ id, startTime }: LiveRun) => ({
  id,
  description: 'the command of the session',
  status: startTime === undefined ? 'pending' : 'running',
  started_at: startTime,
});

function demandTask(request: FastifyRequest): LiveRun {
  const { task } = request.params as { task: string };
  const run = runOf(request);
  if (task !== run.id) throw new Refusal(7, 'there is no such task');
  return run;
}

/** The last lines of what the command has said, as many as fit. */
async function outputOf({ events }: LiveRun): Promise<Buffer> {
  const lines: Buffer[] = [];
  let bytes = 0;
  for await (const text of saidIn(events.soFar())) {
    const line = Buffer.from(`${text}\n`);
    lines.push(line);
    for (bytes += line.length; bytes > MAX_OUTPUT_BYTES;) bytes -= lines.shift()?.length ?? bytes;
  }
  return Buffer.concat(lines);
}

/** Answers with a stream of events that ends where they end, and breaks where it can't go on. */
async function stream(
  request: FastifyRequest,
  reply: FastifyReply,
  events: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
): Promise<void> {
  const left = new AbortController();
  reply.raw.once('close', () => left.abort());
  reply.hijack();
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  reply.raw.flushHeaders();
  try {
    await pipeline(events(left.signal), reply.raw);
  } catch (error) {
    if (!left.signal.aborted) request.log.warn(error);
    reply.raw.destroy();
  }
}
