/** HTTP by hand: what no client library would send. */
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Opens a connection to the origin. */
export function dial(origin: string): Socket {
  const { hostname, port } = new URL(origin);
  return connect(Number(port), hostname).setNoDelay();
}

/** Sends the text, and reads until the other side closes. The request has to say `Connection: close`, or be refused. */
export async function exchangeRaw(origin: string, text: string): Promise<RawAnswer> {
  const socket = dial(origin);
  socket.write(text);
  let answer = '';
  for await (const chunk of socket.setEncoding('latin1')) answer += chunk;
  return parseAnswer(answer);
}

/** The head and the body of one answer. */
export function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  return { status: Number(text.slice(9, 12)), head: text.slice(0, end).toLowerCase(), body: text.slice(end + 4) };
}
