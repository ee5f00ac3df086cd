/** What the proxy answers itself, where no runner is. */
import type { Admitted } from '../door.js';

export function answerJson({ response, ownHeaders }: Admitted, body: unknown): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(200, { ...ownHeaders, 'content-type': 'application/json; charset=utf-8', 'content-length': text.length });
  response.end(text);
}

/** A stream of events that has none. */
export function answerEmptyStream({ response, ownHeaders }: Admitted): void {
  response.writeHead(200, { ...ownHeaders, 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).end();
}
