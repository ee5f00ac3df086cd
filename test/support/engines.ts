/**
 * The engines beneath a system under test: the embedded ones in its data folder, or, where the environment says how to get them
 * (`KURRENTDB_TEST_COMMAND`, `MONGODB_TEST_URL`, and a nats-server on the PATH), real servers of its own for each data folder.
 */
import { describe } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { addressesOf, type Addresses } from '#engines';
import { KURRENTDB_COMMAND, KurrentDbProcess } from '#event-store/testing';
import { loadEnvironment } from '#service';
import { startNatsServer, type NatsServer } from '#testing';
import type { Settings } from './system.js';

const { MONGODB_TEST_URL } = process.env;

/** Whether systems under test run as separate services on servers. */
export const ON_SERVERS = KURRENTDB_COMMAND !== undefined && MONGODB_TEST_URL !== undefined;

/** For what is so of the embedded engines alone: skipped where the tests run on servers. */
export const describeEmbedded = ON_SERVERS ? describe.skip : describe;

export interface Servers {
  readonly kurrentdb: KurrentDbProcess;
  readonly nats: NatsServer;
  /** What services need to find them. */
  readonly settings: Settings;
  stop(): Promise<void>;
}

const started = new Map<string, Promise<Servers>>();

/** The servers of a data folder. */
export function serversOf(dataDir: string): Promise<Servers> {
  const servers = started.get(dataDir) ?? startServers();
  started.set(dataDir, servers);
  return servers;
}

export async function startServers(): Promise<Servers> {
  const [kurrentdb, nats] = await Promise.all([KurrentDbProcess.prepare(), startNatsServer()]);
  kurrentdb.start();
  const mongodb = new URL(MONGODB_TEST_URL ?? '');
  mongodb.pathname = `/test-${randomUUID()}`;
  return {
    kurrentdb,
    nats,
    settings: { EVENT_STORE_URL: kurrentdb.url, READ_STORE_URL: mongodb.href, NATS_URL: nats.url },
    stop: async () => {
      await Promise.all([kurrentdb.remove(), nats.stop()]);
    },
  };
}

/** What a service needs to find the engines of a data folder; nothing where they are embedded. */
export const engineSettings = async (dataDir: string): Promise<Settings> =>
  ON_SERVERS ? (await serversOf(dataDir)).settings : {};

export const addressesFor = async (dataDir: string): Promise<Addresses> =>
  addressesOf(loadEnvironment({ AMBIENT_DATA_DIR: dataDir, ...(await engineSettings(dataDir)) }));

/** Stops the servers of a data folder, if it has any. */
export async function releaseEngines(dataDir: string): Promise<void> {
  const servers = started.get(dataDir);
  started.delete(dataDir);
  await (await servers)?.stop();
}
