/** An HTTP server whose every answer a test decides. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as it came. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Reply = (asked: Asked, response: ServerResponse) => void;

export class ScriptedServer {
  readonly asked: Asked[] = [];
  #replies: Reply[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<ScriptedServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  /** What to answer, one reply a request; the last one goes on. */
  replies(...replies: Reply[]): void {
    this.#replies = replies;
    this.asked.length = 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const asked = { method, url, headers, body: await text(request) };
    this.asked.push(asked);
    const reply = this.#replies.length > 1 ? this.#replies.shift()! : this.#replies[0]!;
    reply(asked, response);
  }
}

/** JSON with a status. */
export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** The envelope of an error. */
export const problem = (
  status: number,
  number: number,
  reason: string,
  headers: Record<string, string> = {},
  more: object = {},
): Reply =>
  json(
    status,
    { kind: 'Error', code: `ambient-api-server-${number}`, reason, operation_id: 'op', title: 'T', status, ...more },
    headers,
  );

/** No answer at all. */
export const hangUp: Reply = (_, response) => void response.socket?.destroy();

/** Frames of an event stream, after which the connection ends, or breaks. */
export const frames =
  (text: string, end: 'ends' | 'breaks' | 'stays' = 'ends'): Reply =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => {
      if (end === 'ends') response.end();
      if (end === 'breaks') response.socket?.destroy();
    });
  };
