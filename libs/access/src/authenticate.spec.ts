import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { base64url, exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { createAuthenticator, type AuthenticatorOptions } from './authenticate.js';
import { AuthenticationUnavailable, Unauthenticated } from './errors.js';
import type { Principal } from './principal.js';

const NOW = Date.UTC(2026, 0, 1);
const seconds = (offset: number) => NOW / 1000 + offset;
const issuer = 'https://issuer.example';
const audience = 'ambient';
const admin: Principal = { id: 'admin', kind: 'user', roles: ['platform:admin'] };
const runtime: Principal = { id: 'local-runtime', kind: 'runtime', roles: ['runtime'] };

const ours = await generateKeyPair('RS256');
const theirs = await generateKeyPair('RS256');
const good: JWTPayload = { iss: issuer, aud: audience, exp: seconds(600), sub: 'u-1', preferred_username: 'ann' };
const sign = (claims: JWTPayload, { key = ours.privateKey, header = {} } = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header }).sign(key);

const fetches: string[] = [];
let server: Server;
let origin: string;
beforeAll(async () => {
  const keySets: Record<string, unknown> = {
    '/jwks': { keys: [{ ...(await exportJWK(ours.publicKey)), kid: 'k1', alg: 'RS256' }] },
    '/evil': { keys: [{ ...(await exportJWK(theirs.publicKey)), kid: 'k2', alg: 'RS256' }] },
  };
  server = createServer((request, response) => {
    fetches.push(request.url ?? '');
    if (request.url === '/moved') response.writeHead(302, { location: '/evil' });
    else if (!((request.url ?? '') in keySets)) response.writeHead(500);
    response.end(JSON.stringify(keySets[request.url ?? '']));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const authenticator = (options: Partial<AuthenticatorOptions> & { path?: string; rolesClaim?: string } = {}) =>
  createAuthenticator({
    staticTokens: [
      { token: 'ambient_admin-token', principal: admin },
      { token: 'ambient_runtime-token', principal: runtime },
    ],
    jwks: { url: origin + (options.path ?? '/jwks'), issuer, audience, rolesClaim: options.rolesClaim },
    trustForwardedToken: false,
    now: () => NOW,
    ...options,
  });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const failure = async (act: () => unknown): Promise<unknown> => {
  try {
    return await act();
  } catch (error) {
    return error;
  }
};

describe('a static token', () => {
  it('gives its principal at once, without a promise', () => {
    expect(authenticator().authenticate(bearer('ambient_admin-token'))).toBe(admin);
    expect(authenticator().authenticate(bearer('ambient_runtime-token'))).toBe(runtime);
  });

  it.each(['bearer', 'BEARER', 'BeArEr'])('is taken with the scheme written %s', scheme => {
    expect(authenticator().authenticate({ authorization: `${scheme} ambient_admin-token` })).toBe(admin);
  });

  it('is the only kind where no key set is configured', async () => {
    const token = await sign(good);
    expect(() => authenticator({ jwks: undefined }).authenticate(bearer(token))).toThrow('the token is not known');
  });

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer  ambient_admin-token',
    'Bearer\tambient_admin-token',
    'Bearer ambient_admin-token ',
    'Bearer ambient_admin-token, Bearer x',
    'Bearer ambient_admin-token ambient_admin-token',
    'Bearerambient_admin-token',
    'Bearer ambient_admin-tokenx',
    'Basic ambient_admin-token',
    'ambient_admin-token',
    '',
  ])('is not found in %j', async authorization => {
    const error = await failure(() => authenticator({ jwks: undefined }).authenticate({ authorization }));
    expect(error).toBeInstanceOf(Unauthenticated);
    expect((error as Unauthenticated).challenge).toMatch(/^Bearer realm="ambient", error="invalid_(request|token)"/);
    expect(JSON.stringify(error) + (error as Error).message).not.toContain('ambient_admin-token');
  });

  it('is asked for with a bare challenge where there are no credentials', async () => {
    const error = await failure(() => authenticator().authenticate({}));
    expect((error as Unauthenticated).challenge).toBe('Bearer realm="ambient"');
  });
});

describe('X-Forwarded-Access-Token', () => {
  const headers = { 'x-forwarded-access-token': 'ambient_admin-token' };

  it('counts only where it is trusted', () => {
    expect(() => authenticator().authenticate(headers)).toThrow(Unauthenticated);
    expect(authenticator({ trustForwardedToken: true }).authenticate(headers)).toBe(admin);
  });

  it('stands behind a Bearer token, but not behind another scheme', () => {
    const trusting = authenticator({ trustForwardedToken: true });
    expect(trusting.authenticate({ ...headers, ...bearer('ambient_runtime-token') })).toBe(runtime);
    expect(() => trusting.authenticate({ ...headers, authorization: 'Bearer' })).toThrow(Unauthenticated);
    expect(trusting.authenticate({ ...headers, authorization: 'Basic dTpw' })).toBe(admin);
  });

  it('is refused when it comes more than once', () => {
    const twice = { 'x-forwarded-access-token': ['ambient_admin-token', 'ambient_admin-token'] };
    expect(() => authenticator({ trustForwardedToken: true }).authenticate(twice)).toThrow(Unauthenticated);
  });
});

describe('a JWT', () => {
  it.each<[string, JWTPayload, string]>([
    ['username', { username: 'first', preferred_username: 'second' }, 'first'],
    ['preferred_username', { preferred_username: 'second' }, 'second'],
    ['sub', { preferred_username: undefined }, 'u-1'],
  ])('names its user in %s', async (_claim, claims, id) => {
    const token = await sign({ ...good, ...claims });
    expect(await authenticator().authenticate(bearer(token))).toEqual({ id, kind: 'user', roles: [] });
  });

  it.each<[string, unknown]>([
    ['an array', ['project:viewer', 'root', 7, 'platform:viewer']],
    ['text', 'platform:viewer unknown project:viewer'],
  ])('brings the roles of the configured claim, %s', async (_form, roles) => {
    const token = await sign({ ...good, 'https://x.example/roles': roles });
    const options = { rolesClaim: 'https://x.example/roles' };
    expect(await authenticator(options).authenticate(bearer(token))).toMatchObject({
      roles: ['platform:viewer', 'project:viewer'],
    });
    expect(await authenticator().authenticate(bearer(token))).toMatchObject({ roles: [] });
  });

  it('has 30 s of leeway at both ends', async () => {
    const token = await sign({ ...good, exp: seconds(-29), nbf: seconds(29) });
    expect(await authenticator().authenticate(bearer(token))).toMatchObject({ id: 'ann' });
  });

  it('is verified once, then known for a while, and never past its end', async () => {
    let now = NOW;
    const subject = authenticator({ now: () => now });
    const token = await sign({ ...good, exp: seconds(50) });
    expect(subject.authenticate(bearer(token))).toBeInstanceOf(Promise);
    await subject.authenticate(bearer(token));
    expect(subject.authenticate(bearer(token))).toMatchObject({ id: 'ann' });
    now = NOW + 81_000;
    await expect(subject.authenticate(bearer(token))).rejects.toThrow('the token has expired');
  });

  const attacks: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['of another issuer', () => sign({ ...good, iss: 'https://evil.example' })],
    ['of no issuer', () => sign({ ...good, iss: undefined })],
    ['for another audience', () => sign({ ...good, aud: 'other' })],
    ['expired', () => sign({ ...good, exp: seconds(-31) })],
    ['without exp', () => sign({ ...good, exp: undefined })],
    ['not valid yet', () => sign({ ...good, nbf: seconds(31) })],
    ['without a user', () => sign({ ...good, sub: undefined, preferred_username: undefined })],
    ['whose user breaks the line', () => sign({ ...good, username: 'ann\r\nX-Ambient-User: admin' })],
    ['signed with another key', () => sign(good, { key: theirs.privateKey })],
    ['with an unknown key id', () => sign(good, { key: theirs.privateKey, header: { kid: 'k2' } })],
    ['whose jku points elsewhere', () => sign(good, { key: theirs.privateKey, header: { kid: 'k2', jku: `${origin}/evil` } })],
    ['whose x5u points elsewhere', () => sign(good, { key: theirs.privateKey, header: { kid: 'k2', x5u: `${origin}/evil` } })],
    [
      'that brings its own key',
      async () => sign(good, { key: theirs.privateKey, header: { jwk: await exportJWK(theirs.publicKey) } }),
    ],
    ['of alg none', () => `${encode({ alg: 'none' })}.${encode(good)}.`],
    [
      'of alg none, with a signature',
      async () => `${encode({ alg: 'None', kid: 'k1' })}.${(await sign(good)).split('.').slice(1).join('.')}`,
    ],
    [
      'of HS256 signed with the public key',
      async () =>
        new SignJWT(good).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(Buffer.from(await exportSPKI(ours.publicKey))),
    ],
    [
      'whose claims were changed',
      async () => (await sign(good)).replace(/\.[^.]+\./, `.${encode({ ...good, username: 'root' })}.`),
    ],
    ['that is no JWT', () => 'a.b.c'],
  ];

  it.each(attacks)('%s is refused, and the answer does not repeat it', async (_name, forge) => {
    const token = await forge();
    const error = await failure(() => authenticator().authenticate(bearer(token)));
    expect(error).toBeInstanceOf(Unauthenticated);
    const { reason, challenge } = error as Unauthenticated;
    expect(challenge).toBe(`Bearer realm="ambient", error="invalid_token", error_description="${reason}"`);
    for (const part of token.split('.')) if (part.length > 3) expect(challenge).not.toContain(part);
    expect(fetches).not.toContain('/evil');
  });

  it.each(['/broken', '/moved'])('can not be judged when the key set answers as %s does', async path => {
    const token = await sign(good);
    await expect(authenticator({ path }).authenticate(bearer(token))).rejects.toThrow(AuthenticationUnavailable);
    expect(fetches).not.toContain('/evil');
  });

  it('can not be judged when the key set is unreachable', async () => {
    const gone = await startKeySet([]);
    await gone.stop();
    const subject = authenticator({ jwks: { url: gone.url, issuer, audience } });
    await expect(subject.authenticate(bearer(await sign(good)))).rejects.toThrow(AuthenticationUnavailable);
  });

  it('is not judged by a key set that has expired', async () => {
    const keySet = await startKeySet([await exportJWK(ours.publicKey)]);
    const subject = authenticator({ jwks: { url: keySet.url, issuer, audience, cacheMaxAgeMs: 0 } });
    expect(await subject.authenticate(bearer(await sign(good)))).toMatchObject({ id: 'ann' });
    await keySet.stop();
    await expect(subject.authenticate(bearer(await sign({ ...good, jti: '2' })))).rejects.toThrow(AuthenticationUnavailable);
  });

  it('with an unknown key id fetches the key set at most once in the cooldown', async () => {
    const subject = authenticator();
    await subject.authenticate(bearer(await sign(good)));
    const before = fetches.length;
    for (const kid of ['a', 'b', 'c']) {
      await expect(subject.authenticate(bearer(await sign(good, { header: { kid } })))).rejects.toThrow(Unauthenticated);
    }
    expect(fetches.length - before).toBe(0);
  });
});

const encode = (value: unknown) => base64url.encode(JSON.stringify(value));

async function startKeySet(keys: object[]) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { connection: 'close' });
    response.end(JSON.stringify({ keys: keys.map(key => ({ ...key, kid: 'k1', alg: 'RS256' })) }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () => new Promise(resolve => server.close(resolve)),
  };
}
