import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { API, auth, startBench, type Bench } from '../../testing/bench.js';

const openssl = spawnSync('openssl', ['version']).status === 0;
const before = getCACertificates('default');
const body = randomBytes(1_000_000);
let folder: string;
let certificate: string;
let server: Server;
let bench: Bench;

beforeAll(async () => {
  if (!openssl) return;
  folder = await mkdtemp(join(tmpdir(), 'upstream-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert];
  spawnSync('openssl', [...made, '-subj', '/CN=upstream', '-addext', 'subjectAltName=DNS:localhost']);
  certificate = await readFile(cert, 'utf8');
  server = createServer({ key: await readFile(key), cert: certificate }, (_request, response) => response.end(body));
  await once(server.listen(0), 'listening');
  bench = await startBench({ queryApiUrl: `https://localhost:${(server.address() as AddressInfo).port}` });
});
afterAll(async () => {
  if (!openssl) return;
  setDefaultCACertificates(before);
  await bench.close();
  server.close();
  await rm(folder, { recursive: true });
});

(openssl ? it : it.skip)(
  'an upstream is spoken to over TLS when its authority is known, and else not (needs openssl)',
  async () => {
    const get = () => fetch(`${bench.url}${API}/projects`, { headers: auth });
    expect((await get()).status).toBe(502);
    setDefaultCACertificates([...before, certificate]);
    for (let again = 0; again < 2; again += 1) {
      const response = await get();
      expect(response.status).toBe(200);
      expect(body.equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
    }
  },
);
