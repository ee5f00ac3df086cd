/** An identity provider: publishes its keys on a local port, and makes tokens. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Settings } from './system.js';

const ISSUER = 'https://issuer.test';
const AUDIENCE = 'ambient';

export interface IdentityProvider {
  /** What a system needs to trust it. */
  readonly settings: Settings;
  /** A token of a user, with platform roles or without. */
  token(user: string, roles?: readonly string[]): Promise<string>;
  close(): void;
}

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const key = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [key] })),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    settings: {
      AUTH_JWKS_URL: `http://127.0.0.1:${port}/keys`,
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
      AUTH_ROLES_CLAIM: 'ambient_roles',
    },
    token: (user, roles = []) =>
      new SignJWT({ username: user, ambient_roles: roles })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setSubject(`sub-of-${user}`)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey),
    close: () => server.close().closeAllConnections(),
  };
}
