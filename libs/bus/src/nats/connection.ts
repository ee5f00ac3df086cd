/** The connection to NATS that bus, leases and event feed of a process share. */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  connect,
  credsAuthenticator,
  nkeyAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { type Log } from '../log.js';

export type { NatsConnection };

export interface NatsOptions {
  /**
   * `nats://` or `tls://`, with `user:password@` or `token@` where the server asks for it; several servers of one cluster are joined by
   * commas: `nats://user:password@one:4222,nats://two:4222`. What is encoded with `%` in a password is decoded. With TLS, servers have
   * names: the client does not check a certificate against an address.
   */
  readonly url: string;
  readonly log: Log;
  /** What the server's monitoring calls this client. */
  readonly name?: string;
  /** Path of a credentials file (JWT and seed), as `nsc` writes it. */
  readonly credsFile?: string;
  /** Path of a file with the seed of an NKey. */
  readonly nkeyFile?: string;
  /** Path of the PEM file with the authority that signed the server's certificate. It makes TLS a must, as `tls://` does. */
  readonly caFile?: string;
  /** Paths of the PEM files with this client's certificate and its key, for a server that asks for them. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Ends the wait for a server that is not there yet. */
  readonly signal?: AbortSignal;
}

const HANDSHAKE_MS = 5000;
const RETRY_MS = 1000;
/** A server that does not answer is given up after {@link PING_MS} times {@link PINGS}. */
const PING_MS = 5000;
const PINGS = 2;

/**
 * Connects, and waits for a server that is not there yet: the start order does not matter. Later it reconnects for as long as it is open.
 * Rejects at once when an option is wrong, and when the signal is aborted.
 */
export async function connectNats(options: NatsOptions): Promise<NatsConnection> {
  const { log, signal } = options;
  const settings = await settingsOf(options);
  for (;;) {
    signal?.throwIfAborted();
    try {
      const connection = await unlessAborted(connect(settings), signal);
      void report(connection, log);
      return connection;
    } catch (error) {
      signal?.throwIfAborted();
      log.warn(
        `no connection to NATS at ${settings.servers.join(', ')}, trying on: ${error instanceof Error ? error.message : String(error)}`,
      );
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

type Settings = NodeConnectionOptions & { readonly servers: string[] };

async function settingsOf({ url, name, credsFile, nkeyFile, caFile, certFile, keyFile }: NatsOptions): Promise<Settings> {
  const { servers, tls, ...user } = parseNatsUrl(url);
  const authenticator = credsFile
    ? credsAuthenticator(await readFile(credsFile))
    : nkeyFile && nkeyAuthenticator(Buffer.from((await readFile(nkeyFile, 'utf8')).trim()));
  const pem = async (path?: string) => (path ? await readFile(path, 'utf8') : undefined);
  const files = Object.entries({ ca: await pem(caFile), cert: await pem(certFile), key: await pem(keyFile) });
  const withTls = tls || files.some(([, text]) => text !== undefined);
  if (withTls && servers.some(server => isIP(new URL(`nats://${server}`).hostname.replace(/^\[|\]$/g, ''))))
    throw new Error('the URL of NATS names an address; with TLS it has to name the host, as the certificate of the server does');
  const given = Object.fromEntries(files.filter(([, text]) => text !== undefined));
  return {
    ...user,
    servers: [...servers],
    ...(name ? { name } : {}),
    ...(authenticator ? { authenticator } : {}),
    ...(withTls ? { tls: given } : {}),
    timeout: HANDSHAKE_MS,
    reconnectTimeWait: RETRY_MS / 2,
    maxReconnectAttempts: -1,
    // Credentials may be replaced at the server while clients run: they try on, as with a server that is away.
    ignoreAuthErrorAbort: true,
    pingInterval: PING_MS,
    maxPingOut: PINGS,
    noAsyncTraces: true,
  };
}

interface NatsUrl {
  /** `host:port` each. */
  readonly servers: readonly string[];
  readonly tls: boolean;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
}

/** Throws when it is none; the message shows no password. */
export function parseNatsUrl(text: string): NatsUrl {
  const urls = text.split(',').map(part => parse(part.trim()));
  const users = new Set(urls.filter(({ username }) => username).map(({ username, password }) => `${username}:${password}`));
  if (users.size > 1) throw new Error('the URL of NATS names several users: the servers of a cluster take one and the same');
  const { username = '', password = '' } = urls.find(({ username }) => username) ?? {};
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || '4222'}`),
    tls: urls.some(({ protocol }) => protocol === 'tls:'),
    ...(user && pass ? { user, pass } : {}),
    ...(user && !pass ? { token: user } : {}),
  };
}

function parse(text: string): URL {
  const url = URL.parse(text.includes('://') ? text : `nats://${text}`);
  if (url?.hostname && ['nats:', 'tls:'].includes(url.protocol)) return url;
  throw new Error(
    'the URL of NATS is nats://host:4222 or tls://host:4222, with user:password@ or token@ before the host; commas join several',
  );
}

/** A connection that comes after the abort is closed again. */
async function unlessAborted(connecting: Promise<NatsConnection>, signal?: AbortSignal): Promise<NatsConnection> {
  if (!signal) return connecting;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(signal.reason as Error);
    connecting.then(connection => connection.close()).catch(() => {});
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([connecting, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Logs what happens to the connection until it is closed. */
async function report(connection: NatsConnection, log: Log): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') log.warn(`the connection to NATS at ${status.server} is lost, reconnecting`);
    if (status.type === 'reconnect') log.warn(`connected to NATS at ${status.server} again`);
    if (status.type === 'error') log.error(`NATS reports: ${status.error.message}`);
  }
}
