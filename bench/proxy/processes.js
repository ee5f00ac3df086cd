/** The processes of the proxy bench: helpers that tell their port, nginx, and our proxy. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/apps/proxy/src/main.js', import.meta.url));
export const TOKEN = 'bench-token-0123456789';

export async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill();
  await exit;
}

/** A script beside this file that tells its port. */
export async function startScript(script, ...parameters) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), parameters);
  const [{ port }] = await once(child, 'message');
  return {
    port,
    pid: child.pid,
    url: `http://127.0.0.1:${port}`,
    async ask(message) {
      child.send(message);
      const [answer] = await once(child, 'message');
      return answer;
    },
    stop: () => ended(child),
  };
}

/** Our proxy, alone, as `npm run start:proxy` starts it. */
export async function startOurs(folder, { upstream, services, log = 'warn', node = [] }) {
  const port = await freePort();
  const child = spawn(process.execPath, ['--expose-gc', ...node, MAIN], {
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      AMBIENT_DATA_DIR: join(folder, 'data'),
      AMBIENT_TOKEN: 'the-administrator-is-not-who-asks',
      // Who asks: a caller whose roles in the project the proxy has to find out.
      AMBIENT_RUNTIME_TOKEN: TOKEN,
      AMBIENT_PROXY_TOKEN: 'bench-token-of-the-proxy',
      COMMAND_API_URL: services,
      QUERY_API_URL: services,
      BACKEND_URL: upstream,
      BACKEND_TOKEN: 'bench-token-at-the-backend',
      LOG_LEVEL: log,
    },
    stdio: ['ignore', 'pipe', openSync(join(folder, 'proxy.log'), 'w')],
  });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error(`the proxy ended: ${readFileSync(join(folder, 'proxy.log'), 'utf8').slice(-2000)}`);
    }),
  ]);
  child.stdout.resume();
  return { port, pid: child.pid, stop: () => ended(child) };
}

/** One worker of nginx that does nothing but forward; undefined where there is no nginx. */
export async function startNginx(folder, upstream) {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const binary = places.map(place => join(place, 'nginx')).find(path => existsSync(path));
  if (!binary) return undefined;
  const port = await freePort();
  const own = join(folder, 'nginx');
  mkdirSync(own);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(name => `${name}_temp_path ${own}/${name};`)
    .join(' ');
  writeFileSync(
    join(own, 'nginx.conf'),
    `worker_processes 1; daemon off; pid ${own}/pid; error_log ${own}/error.log;
events { worker_connections 2048; }
http {
  access_log off; keepalive_requests 100000000; ${temporary}
  upstream behind { server ${new URL(upstream).host}; keepalive 200; keepalive_requests 100000000; }
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ""; } }
}`,
  );
  const log = openSync(join(own, 'output'), 'w');
  const child = spawn(binary, ['-p', own, '-c', join(own, 'nginx.conf')], { stdio: ['ignore', log, log] });
  closeSync(log);
  await listening(port);
  return { port, pid: child.pid, stop: () => ended(child) };
}

async function listening(port) {
  for (let tries = 0; tries < 100; tries += 1) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      response => response.text(),
      () => undefined,
    );
    if (answered !== undefined) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on port ${port}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
