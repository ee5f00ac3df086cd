import { afterEach, describe, expect, it } from '@jest/globals';
import { nkeys } from '@nats-io/transport-node';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithEngine, startNatsServer, type NatsServer } from '#testing';
import { until } from '../../testing/index.js';
import { connectNats, parseNatsUrl, type NatsConnection, type NatsOptions } from './connection.js';

describe('parseNatsUrl', () => {
  it.each([
    ['nats://host', { servers: ['host:4222'], tls: false }],
    ['host:4223', { servers: ['host:4223'], tls: false }],
    ['tls://host:4223', { servers: ['host:4223'], tls: true }],
    ['nats://[::1]:4222', { servers: ['[::1]:4222'], tls: false }],
    ['nats://one:1, nats://two:2', { servers: ['one:1', 'two:2'], tls: false }],
    ['nats://ann:p%40ss@one:1,nats://two:2', { servers: ['one:1', 'two:2'], tls: false, user: 'ann', pass: 'p@ss' }],
    ['nats://s%3Acret@host', { servers: ['host:4222'], tls: false, token: 's:cret' }],
  ])('reads %s', (url, parsed) => {
    expect(parseNatsUrl(url)).toEqual(parsed);
  });

  it.each(['', 'nats://', 'http://host', 'nats://a:1,', 'nats://ann:secret@'])('refuses "%s", and shows no password', url => {
    expect(() => parseNatsUrl(url)).toThrow('the URL of NATS is nats://host:4222');
    expect(() => parseNatsUrl(url)).not.toThrow('secret');
  });

  it('refuses several users', () => {
    expect(() => parseNatsUrl('nats://a:1@one,nats://b:2@two')).toThrow('several users');
  });
});

describeWithEngine('nats', 'connectNats', () => {
  let server: NatsServer | undefined;
  let connection: NatsConnection | undefined;
  let folder: string | undefined;
  const lines: string[] = [];
  const log = { warn: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };

  afterEach(async () => {
    await connection?.close();
    await server?.stop();
    if (folder) await rm(folder, { recursive: true });
    [server, connection, folder] = [undefined, undefined, undefined];
    lines.length = 0;
  });

  const start = async (...args: string[]): Promise<NatsServer> => (server = await startNatsServer(args));
  const reaches = async (options: Omit<NatsOptions, 'log'>): Promise<void> => {
    connection = await connectNats({ ...options, log });
    expect(await connection.rtt()).toBeGreaterThanOrEqual(0);
  };
  const file = async (name: string, text: string): Promise<string> => {
    folder ??= await mkdtemp(join(tmpdir(), 'nats-'));
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const withUser = (url: string, user: string): string => url.replace('//', `//${user}@`);

  it('waits for a server that is not there yet, and says so', async () => {
    const server = await start();
    const { url } = server;
    await server.kill();
    const reached = reaches({ url });
    await until(() => lines.length > 0);
    expect(lines[0]).toMatch(/^no connection to NATS at 127.0.0.1:\d+, trying on: /);
    await server.restart();
    await reached;
  });

  it('ends the wait when it is told to', async () => {
    const server = await start();
    const { url } = server;
    await server.kill();
    const stop = new AbortController();
    const connecting = connectNats({ url, log, signal: stop.signal });
    await until(() => lines.length > 0);
    stop.abort(new Error('stopped'));
    await expect(connecting).rejects.toThrow();
  });

  it('takes whichever server of several is there', async () => {
    const { url } = await start();
    await reaches({ url: `nats://127.0.0.1:1,${url}` });
  });

  it('connects again after the server went away, and says so', async () => {
    const server = await start();
    await reaches({ url: server.url });
    await server.restart();
    await until(() => lines.some(line => line.startsWith('connected to NATS')));
    expect(lines[0]).toContain('is lost, reconnecting');
    await connection?.flush();
  });

  it('takes user and password from the URL', async () => {
    const { url } = await start('--user', 'ann', '--pass', 'p@ss');
    await reaches({ url: withUser(url, 'ann:p%40ss') });
  });

  it('takes a token from the URL', async () => {
    const { url } = await start('--auth', 's3cret');
    await reaches({ url: withUser(url, 's3cret') });
  });

  it('tries on with a password that is refused, and does not log it', async () => {
    const { url } = await start('--user', 'ann', '--pass', 'right');
    const stop = new AbortController();
    const connecting = connectNats({ url: withUser(url, 'ann:wrong'), log, signal: stop.signal });
    await until(() => lines.length > 1);
    stop.abort();
    await expect(connecting).rejects.toThrow();
    expect(lines[0]).toContain('Authorization Violation');
    expect(lines.join()).not.toContain('wrong');
  });

  it('takes an NKey from a file', async () => {
    const user = nkeys.createUser();
    const config = await file('nats.conf', `authorization { users = [ { nkey: ${user.getPublicKey()} } ] }`);
    const nkeyFile = await file('user.nk', `${new TextDecoder().decode(user.getSeed())}\n`);
    const { url } = await start('-c', config);
    await reaches({ url, nkeyFile });
  });

  it.each(['credsFile', 'nkeyFile', 'caFile', 'certFile', 'keyFile'])('rejects at once when there is no %s', async option => {
    await expect(connectNats({ url: 'nats://127.0.0.1:1', log, [option]: '/nowhere/at/all' })).rejects.toThrow('ENOENT');
  });

  const openssl = spawnSync('openssl', ['version']).status === 0;
  (openssl ? it : it.skip)('speaks TLS with a server whose authority it knows, and with no other (needs openssl)', async () => {
    const [key, cert] = [await file('key.pem', ''), await file('cert.pem', '')];
    const subject = ['-subj', '/CN=nats', '-addext', 'subjectAltName=DNS:localhost'];
    spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
      ...subject,
    ]);
    const { url } = await start('--tls', '--tlscert', cert, '--tlskey', key);
    const named = url.replace('127.0.0.1', 'localhost');
    await reaches({ url: named.replace('nats:', 'tls:'), caFile: cert });
    await connection?.close();
    await reaches({ url: named, caFile: cert });

    const stop = new AbortController();
    const connecting = connectNats({ url: named.replace('nats:', 'tls:'), log, signal: stop.signal });
    await until(() => lines.length > 0);
    stop.abort();
    await expect(connecting).rejects.toThrow();
    expect(lines[0]).toContain('self-signed certificate');
  });

  it('does not fall back to a connection in the clear where TLS was asked for', async () => {
    const { url } = await start();
    const stop = new AbortController();
    const named = url.replace('nats://127.0.0.1', 'tls://localhost');
    const connecting = connectNats({ url: named, log, signal: stop.signal });
    await until(() => lines.length > 0);
    stop.abort();
    await expect(connecting).rejects.toThrow();
    expect(lines[0]).toContain("'tls'");
  });

  it.each(['tls://127.0.0.1:1', 'tls://[::1]:1'])('refuses %s: with TLS a server has a name', async url => {
    await expect(connectNats({ url, log })).rejects.toThrow('names an address');
  });
});
