/** A tiny service behind the proxy, which remembers what it was asked. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

export interface TestUpstream {
  readonly url: string;
  readonly server: Server;
  /** Requests but those for /healthz, oldest first. */
  readonly seen: Seen[];
  /** What to do with the next requests; by default the answer tells the service and the body that came. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  stop(): Promise<void>;
}

export async function startUpstream(name: string): Promise<TestUpstream> {
  const seen: Seen[] = [];
  const echo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    response.writeHead(200, { 'content-type': 'application/json', etag: '"7"' });
    response.end(JSON.stringify({ name, body }));
  };
  const upstream: Partial<TestUpstream> & Pick<TestUpstream, 'answer'> = {
    answer: (request, response) => void echo(request, response).catch(() => response.destroy()),
  };
  const server = createServer((request, response) => {
    if (request.url === '/healthz') return void response.end('{"status":"ok"}');
    const { method = '', url = '', headers, rawHeaders } = request;
    seen.push({ method, url, headers, rawHeaders });
    return upstream.answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(upstream, {
    seen,
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  });
}
