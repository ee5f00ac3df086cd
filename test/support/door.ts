/** The proxy alone: its process, and servers that stand for everything behind it. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallerRolesAnswer, ProxyAuditBatch, ProxyDecision } from '#contracts';
import { SystemProcess, type Settings } from './system.js';

export const PROXY_TOKEN = 'token-of-the-proxy-for-the-tests';
export const BACKEND_TOKEN = 'token-of-the-proxy-at-the-backend';

/** A request as a server saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that remembers what it was asked. */
export class FakeServer {
  readonly seen: Seen[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param answer gets what came; by default it is answered with 200 and the URL */
  static async start(
    answer: (seen: Seen, response: ServerResponse) => void = ({ url }, response) => void response.end(url),
  ): Promise<FakeServer> {
    const server = createServer((request, response) => {
      let body = '';
      request
        .setEncoding('utf8')
        .on('data', (piece: string) => (body += piece))
        .on('end', () => {
          const { method = '', url = '', headers } = request;
          if (url === '/healthz') return void response.end('{"status":"ok"}');
          const seen = { method, url, headers, body };
          fake.seen.push(seen);
          answer(seen, response);
        });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const fake: FakeServer = new FakeServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return fake;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

/** The process of `npm run start:proxy`. */
export class ProxyProcess extends SystemProcess {
  url = '';

  static async start(dataDir: string, settings: Settings): Promise<ProxyProcess> {
    const started = new ProxyProcess(dataDir);
    started.url = await started.ready('proxy', settings);
    return started;
  }
}

/** A proxy alone, with a command API that takes the audit, a query API that tells roles, and a backend. */
export class Door {
  readonly decisions: ProxyDecision[] = [];

  private constructor(
    readonly command: FakeServer,
    readonly query: FakeServer,
    readonly backend: FakeServer,
  ) {}

  proxy!: ProxyProcess;

  /** @param roles of a user, by project */
  static async start(
    dataDir: string,
    settings: Settings,
    roles: (user: string, projectId: string | null) => CallerRolesAnswer['roles'],
  ): Promise<Door> {
    const ofProxy = ({ headers }: Seen): boolean => headers.authorization === `Bearer ${PROXY_TOKEN}`;
    const command = await FakeServer.start((seen, response) => {
      if (seen.url !== '/internal/proxy-audit') return void response.end('of the command API');
      if (!ofProxy(seen)) return void response.writeHead(403).end();
      door.decisions.push(...(JSON.parse(seen.body) as ProxyAuditBatch).decisions);
      response.writeHead(204).end();
    });
    const query = await FakeServer.start((seen, response) => {
      const { pathname, searchParams } = new URL(seen.url, 'http://query');
      if (pathname !== '/internal/caller-roles') return void response.end('of the query API');
      if (!ofProxy(seen)) return void response.writeHead(403).end();
      const told = roles(searchParams.get('user') ?? '', searchParams.get('project_id'));
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ found: true, roles: told }));
    });
    const backend = await FakeServer.start();
    const door: Door = new Door(command, query, backend);
    door.proxy = await ProxyProcess.start(dataDir, {
      COMMAND_API_URL: command.url,
      QUERY_API_URL: query.url,
      BACKEND_URL: backend.url,
      BACKEND_TOKEN,
      AMBIENT_PROXY_TOKEN: PROXY_TOKEN,
      ...settings,
    });
    return door;
  }

  get url(): string {
    return this.proxy.url;
  }

  get(path: string, token?: string): Promise<Response> {
    return fetch(this.url + path, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      redirect: 'manual',
    });
  }

  async stop(): Promise<void> {
    await this.proxy.end('SIGKILL');
    await Promise.all([this.command.stop(), this.query.stop(), this.backend.stop()]);
  }
}
