import { join } from 'node:path';
import type { NatsOptions } from '#bus';
import type { EventStoreAddress } from '#event-store';
import type { ReadStoreAddress } from '#read-store';
import type { Environment } from '#service';

export type NatsAddress = Omit<NatsOptions, 'log' | 'name' | 'signal'>;

/** Where the engines are: servers where the environment names them, else the embedded ones in the data folder. */
export interface Addresses {
  readonly eventStore: EventStoreAddress;
  readonly readStore: ReadStoreAddress;
  /** None: messages travel inside the process. */
  readonly nats: NatsAddress | undefined;
}

export function addressesOf(environment: Environment): Addresses {
  const { AMBIENT_DATA_DIR: folder, EVENT_STORE_URL, READ_STORE_URL } = environment;
  return {
    eventStore: EVENT_STORE_URL === undefined ? { path: join(folder, 'events.db') } : { url: EVENT_STORE_URL },
    readStore: READ_STORE_URL === undefined ? { path: join(folder, 'read-models.db') } : { url: READ_STORE_URL },
    nats: natsAddressOf(environment),
  };
}

function natsAddressOf(environment: Environment): NatsAddress | undefined {
  const { NATS_URL: url, NATS_CREDS_FILE: credsFile, NATS_NKEY_FILE: nkeyFile } = environment;
  const { NATS_CA_FILE: caFile, NATS_CERT_FILE: certFile, NATS_KEY_FILE: keyFile } = environment;
  return url === undefined ? undefined : { url, credsFile, nkeyFile, caFile, certFile, keyFile };
}
