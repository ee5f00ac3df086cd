/** What a service needs that is started alone, beside others that share its engines. */
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigurationError, requireVariables, type Environment } from '#service';

type Variable = keyof Environment;

/** Of every such service: whom it trusts, the log, and how messages travel. */
const SHARED = ['EVENT_STORE_URL', 'NATS_URL'] as const satisfies readonly Variable[];

/**
 * The embedded engines serve one process, and a token or a key that a process makes up for itself is no one else's: all of it must be given.
 * @param more what this service needs besides
 */
export function checkAlone(environment: Environment, more: readonly Variable[] = []): void {
  requireVariables(environment, [...SHARED, ...more]);
  if (environment.AMBIENT_TOKEN === undefined && environment.AUTH_JWKS_URL === undefined) {
    throw new ConfigurationError('AMBIENT_TOKEN or AUTH_JWKS_URL must be set for a service that is started alone');
  }
}

/** Listens, and says so in one line. */
export async function listenAlone(name: string, app: NestFastifyApplication, port: number, host: string): Promise<void> {
  await app.listen(port, host);
  const { address, port: taken } = app.getHttpServer().address() as AddressInfo;
  console.log(`${name} is ready at http://${address.includes(':') ? `[${address}]` : address}:${taken}`);
}
