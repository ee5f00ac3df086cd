import { request, type IncomingMessage } from 'node:http';

/** A client of a server-sent event stream that shows every byte. */
export class EventSourceClient {
  text = '';
  ended = false;

  private constructor(private readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (this.text += chunk));
    response.once('close', () => (this.ended = true));
    response.on('error', () => undefined);
  }

  /** Resolves when the headers of the answer are there. */
  static open(url: string, headers: Record<string, string>): Promise<EventSourceClient> {
    return new Promise((resolve, reject) => {
      request(url, { headers, agent: false }, response => resolve(new EventSourceClient(response)))
        .once('error', reject)
        .end();
    });
  }

  get headers(): IncomingMessage['headers'] {
    return this.response.headers;
  }

  /** Ids of the events so far. */
  get ids(): number[] {
    return [...this.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  }

  close(): void {
    this.response.destroy();
  }
}
