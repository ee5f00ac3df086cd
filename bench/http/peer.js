/**
 * What ours is measured against, a process of its own: bare Fastify routes at our paths. The POST makes one durable append of the bytes of
 * one of our events to our store; the GETs answer the very bytes that ours answers.
 *
 * @typedef {object} Answers
 * @property {{ type: string, data: string, metadata: string }} event what to append
 * @property {string} created what the POST answers
 * @property {string} one
 * @property {string} list
 * @property {string} contentType
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import Fastify from 'fastify';
import { SqliteEventStore } from '#event-store';

const [path] = process.argv.slice(2);
const schedules = '/api/ambient/v1/projects/:project_id/scheduled-sessions';

process.on('disconnect', () => process.exit());
process.send('ready');
const [answers] = /** @type {[Answers]} */ (await once(process, 'message'));
const { event, created, one, list, contentType } = answers;
const store = await SqliteEventStore.open({ path });
const fastify = Fastify();
fastify.post(schedules, async (_request, reply) => {
  await store.append([{ stream: `bench-${randomUUID()}`, expected: 'none', events: [{ id: randomUUID(), ...event }] }]);
  return reply.status(201).type(contentType).send(created);
});
fastify.get(`${schedules}/:id`, (_request, reply) => reply.type(contentType).send(one));
fastify.get(schedules, (_request, reply) => reply.type(contentType).send(list));
await fastify.listen({ port: 0, host: '127.0.0.1' });
process.send({ port: fastify.server.address().port });
