/** What stands behind the proxies, a process of its own: a server that answers a kilobyte of JSON, or takes or sends a big body. */
import { once } from 'node:events';
import { createServer } from 'node:http';

const MIB = 1_048_576;
const PIECE = Buffer.alloc(65_536, 'x');
const BODY = Buffer.from(JSON.stringify({ kind: 'Models', text: 'x'.repeat(1000) }));

/** @param {import('node:http').ServerResponse} response @param {number} bytes at the pace of who reads */
async function big(response, bytes) {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes });
  for (let left = bytes; left > 0; left -= PIECE.length) {
    if (!response.write(PIECE.subarray(0, Math.min(left, PIECE.length)))) await once(response, 'drain');
  }
  response.end();
}

const server = createServer((request, response) => {
  const [, size] = /\/down-(\d+)/.exec(request.url ?? '') ?? [];
  if (size) return void big(response, Number(size) * MIB).catch(() => response.destroy());
  if (request.url?.includes('/events')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    const beat = setInterval(() => response.write(': ping\n\n'), 1000);
    return void response.on('close', () => clearInterval(beat));
  }
  request.resume();
  const answer = () => response.writeHead(200, { 'content-type': 'application/json', 'content-length': BODY.length }).end(BODY);
  if (request.method === 'GET') answer();
  else request.on('end', answer);
}).listen(0, '127.0.0.1');
server.keepAliveTimeout = 60_000;
await once(server, 'listening');
process.on('disconnect', () => process.exit());
process.send({ port: server.address().port });
