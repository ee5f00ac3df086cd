/** What a runner tells of its run, and takes for it. */
import { pipeline } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { newUserMessages, saidIn } from './ag-ui.js';
import type { LiveRun } from './live-run.js';
import { Refusal } from './refusal.js';
import { runOf } from './request.js';

const MAX_OUTPUT_BYTES = 10 * 1_048_576;
const MAX_FEEDBACK_BYTES = 65_536;

export const RUN_ROUTES: readonly RouteOptions[] = [
  { method: 'GET', url: '/events/:id', handler: followEvents },
  { method: 'POST', url: '/', handler: tell },
  { method: 'POST', url: '/interrupt', handler: interrupt },
  { method: 'POST', url: '/feedback', handler: takeFeedback, bodyLimit: MAX_FEEDBACK_BYTES },
  { method: 'GET', url: '/capabilities', handler: capabilities },
  { method: 'GET', url: '/tasks', handler: listTasks },
  { method: 'POST', url: '/tasks/:task/stop', handler: stopTask },
  { method: 'GET', url: '/tasks/:task/output', handler: taskOutput },
  // A command has no servers that it would tell us of.
  { method: 'GET', url: '/mcp/status', handler: async () => ({ servers: [], totalCount: 0 }) },
];

/** Answers with the run's events, from the first on. They end where the run ends, and break where they can't go on. */
async function followEvents(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { id } = request.params as { id: string };
  const { session, events } = runOf(request);
  if (id !== session.id) throw new Refusal(7, 'the events of another session are not here');
  const left = new AbortController();
  reply.raw.once('close', () => left.abort());
  reply.hijack();
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  reply.raw.flushHeaders();
  await pipeline(events.live(left.signal), reply.raw).catch(() => reply.raw.destroy());
}

/** Says what is new in the body to the agent. */
async function tell(request: FastifyRequest): Promise<object> {
  const run = runOf(request);
  const messages = newUserMessages(request.body);
  if (!messages) throw new Refusal(8, 'messages must end with at least one of role user, with text as its content');
  for (const message of messages) {
    if (await run.say(message)) continue;
    throw new Refusal(6, 'the agent takes no more input: its command has read its prompt to the end, or has ended');
  }
  return { threadId: run.session.id, runId: run.id };
}

async function interrupt(request: FastifyRequest): Promise<object> {
  runOf(request).interrupt();
  return { status: 'interrupted' };
}

async function takeFeedback(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { body } = request;
  if (typeof body !== 'object' || body === null) throw new Refusal(8, 'the feedback must be a JSON object');
  await runOf(request).note(`feedback: ${JSON.stringify(body)}`);
  await reply.status(202).send({ status: 'accepted' });
}

async function capabilities(request: FastifyRequest): Promise<object> {
  const features = ['events', 'interrupt', 'feedback', 'tasks', 'workspace', 'git'];
  return { framework: 'local', input: runOf(request).takesInput, features };
}

async function listTasks(request: FastifyRequest): Promise<object> {
  return { tasks: [taskOf(runOf(request))], total: 1 };
}

async function stopTask(request: FastifyRequest): Promise<object> {
  const run = demandTask(request);
  run.stop();
  return { ...taskOf(run), status: 'stopping' };
}

async function taskOutput(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const output = await outputOf(demandTask(request));
  await reply.type('text/plain; charset=utf-8').header('x-content-type-options', 'nosniff').send(output);
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
