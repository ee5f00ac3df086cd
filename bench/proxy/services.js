/** What the proxy asks of the project's other services, a process of its own: roles, and to take the audit. It counts what was recorded. */
import { once } from 'node:events';
import { createServer } from 'node:http';

let recorded = 0;

const server = createServer((request, response) => {
  if (request.url?.startsWith('/internal/caller-roles')) {
    return void response.setHeader('content-type', 'application/json').end('{"found":true,"roles":["project:editor"]}');
  }
  const pieces = [];
  request
    .on('data', piece => pieces.push(piece))
    .on('end', () => {
      if (request.url === '/internal/proxy-audit') recorded += JSON.parse(Buffer.concat(pieces).toString()).decisions.length;
      response.writeHead(request.method === 'POST' ? 204 : 200).end();
    });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
process.on('disconnect', () => process.exit());
process.on('message', () => process.send({ recorded }));
process.send({ port: server.address().port });
