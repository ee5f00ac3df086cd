/** Another proxy, a process of its own, that does nothing but forward: `@fastify/http-proxy` or `http-proxy-middleware`. */
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';

const [name, upstream, kept] = process.argv.slice(2);

/** @returns {Promise<number>} the port */
async function start() {
  if (name === '@fastify/http-proxy') {
    const [{ default: Fastify }, { default: proxy }] = await Promise.all([import('fastify'), import('@fastify/http-proxy')]);
    const fastify = Fastify();
    await fastify.register(proxy, { upstream });
    await fastify.listen({ port: 0, host: '127.0.0.1' });
    return fastify.server.address().port;
  }
  const { createProxyMiddleware } = await import('http-proxy-middleware');
  // As it comes it opens a connection for each request.
  const forward = createProxyMiddleware({ target: upstream, ...(kept ? { agent: new Agent({ keepAlive: true }) } : {}) });
  const server = createServer((request, response) => void forward(request, response, () => response.writeHead(404).end()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

process.on('disconnect', () => process.exit());
process.send({ port: await start() });
