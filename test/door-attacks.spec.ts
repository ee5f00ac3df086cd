/** Every known way in, tried on the process as it runs: raw bytes where a client would make them harmless, and tokens of all bad kinds. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { Door } from './support/door.js';
import { TestBed } from './support/system.js';

const ISSUER = 'https://issuer.test';
const AUDIENCE = 'ambient';
const MODELS = '/api/projects/blue/models';

const bed = new TestBed();
let door: Door;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let provider: Server;
let reachable = true;

beforeAll(async () => {
  keys = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  provider = createServer((_request, response) => {
    if (!reachable) return void response.writeHead(500).end();
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [key] }));
  }).listen(0, '127.0.0.1');
  await once(provider, 'listening');
  const settings = {
    AUTH_JWKS_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`,
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_ROLES_CLAIM: 'roles',
  };
  door = await Door.start(await bed.dataDir(), settings, (user, project) =>
    user === 'ann' && project === 'blue' ? ['project:editor'] : [],
  );
}, 120_000);
afterAll(async () => {
  await door.stop();
  provider.close().closeAllConnections();
  await bed.clear();
});
beforeEach(() => {
  for (const { seen } of [door.command, door.query, door.backend]) seen.length = 0;
});

interface Claims {
  readonly user?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string | number;
  readonly notBefore?: string | number;
  readonly kid?: string;
}

const claimed = ({
  user = 'ann',
  issuer = ISSUER,
  audience = AUDIENCE,
  expires = '1h',
  notBefore = '0s',
  kid = 'one',
}: Claims = {}) =>
  new SignJWT({ username: user })
    .setProtectedHeader({ alg: 'RS256', kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setNotBefore(notBefore)
    .setExpirationTime(expires);
const good = (claims?: Claims) => claimed(claims).sign(keys.privateKey);

const seconds = (fromNow: number): number => Math.floor(Date.now() / 1000) + fromNow;

describe('a token', () => {
  it('that is good passes, also within the leeway of 30 s', async () => {
    for (const claims of [{}, { expires: seconds(-20) }, { notBefore: seconds(20) }]) {
      expect((await door.get(MODELS, await good(claims))).status).toBe(200);
    }
  });

  const forged: Record<string, () => Promise<string> | string> = {
    'of another issuer': () => good({ issuer: 'https://evil.test' }),
    'for another audience': () => good({ audience: 'others' }),
    'that has expired': () => good({ expires: seconds(-40) }),
    'that is not valid yet': () => good({ notBefore: seconds(40) }),
    'without an end': () =>
      new SignJWT({ username: 'ann' })
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .sign(keys.privateKey),
    'with an unknown key id': () => good({ kid: 'two' }),
    'signed by somebody else': async () => claimed().sign((await generateKeyPair('RS256')).privateKey),
    'with alg none': () =>
      new UnsecuredJWT({ username: 'ann' }).setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime('1h').encode(),
    'with HS256, signed with the public key': async () =>
      new SignJWT({ username: 'ann' })
        .setProtectedHeader({ alg: 'HS256', kid: 'one' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(await exportSPKI(keys.publicKey))),
    'that brings its own key': async () => {
      const own = await generateKeyPair('RS256', { extractable: true });
      return new SignJWT({ username: 'ann' })
        .setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(own.publicKey) })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setExpirationTime('1h')
        .sign(own.privateKey);
    },
    'whose payload was changed': async () => {
      const [head, , signature] = (await good()).split('.');
      const payload = { username: 'root', iss: ISSUER, aud: AUDIENCE, exp: seconds(3600), roles: ['platform:admin'] };
      return `${head}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.${signature}`;
    },
    'that is none': () => 'nonsense',
    'whose user name breaks the line': () => good({ user: 'ann\r\nX-Ambient-Roles: platform:admin' }),
  };

  it.each(Object.entries(forged))('%s is 401, with a challenge, and nothing hears of it', async (_name, make) => {
    const token = await make();
    for (const path of [MODELS, '/api/ambient/v1/projects', '/no/such/path']) {
      const response = await door.get(path, token);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
      expect(await response.text()).not.toContain(token);
    }
    expect([...door.backend.seen, ...door.query.seen]).toEqual([]);
  });

  it('with a role of another project opens none here', async () => {
    expect((await door.get('/api/projects/red/models', await good())).status).toBe(404);
    expect((await door.get(MODELS, await good({ user: 'eve' }))).status).toBe(404);
    expect(door.backend.seen).toEqual([]);
  });

  it('in a header that is not trusted counts for nothing', async () => {
    const headers = { 'x-forwarded-access-token': await good() };
    expect((await fetch(door.url + MODELS, { headers })).status).toBe(401);
  });

  it('can not be judged without a key set: 503, not 401 and not 200', async () => {
    const lost = await Door.start(
      await bed.dataDir(),
      { AUTH_JWKS_URL: `http://127.0.0.1:9/keys`, AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE },
      () => ['project:owner'],
    );
    try {
      const response = await lost.get(MODELS, await good());
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
      expect(lost.backend.seen).toEqual([]);
    } finally {
      await lost.stop();
    }
  }, 60_000);
});

/** Sends bytes and reads all that comes back. */
async function raw(text: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(door.url);
  const socket = connect(Number(port), hostname).setNoDelay();
  socket.write(text, 'latin1');
  let answer = '';
  for await (const piece of socket.setEncoding('latin1')) answer += piece;
  return { status: Number(answer.slice(9, 12)), text: answer };
}

const request = async (target: string, lines: readonly string[] = [], { method = 'GET', body = '', host = 'x' } = {}) =>
  [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: Bearer ${await good()}`,
    'Connection: close',
    ...lines,
    '',
    body,
  ].join('\r\n');

describe('a target', () => {
  it.each([
    '/api/projects/blue%2fmodels',
    '/api/projects/blue%2Fmodels',
    '/api/projects/blue%5cmodels',
    '/api/projects/blue\\models',
    '/api/projects/blue/models%00',
    '/api/projects/blue/models%0d%0aX:1',
    '/api/projects/%252e%252e/models',
    '/api/projects/blue%25/models',
    '//api/projects/blue/models',
    '/api//projects/blue/models',
    '/api/projects/red/../blue/models',
    '/api/projects/red/%2e%2e/blue/models',
    '/api/projects/red/.%2E/blue/models',
    '/api/projects/./blue/models',
    '/api/projects/blue/agentic-sessions/s/%2e/github/token',
    '/api/projects/blue/models#x',
    '/api/projects/blü/models',
    '/api/projects/blue/models?x=\xff',
    '/api/projects/%c0%af/models',
    '/api/projects/%zz/models',
    'http://127.0.0.1/api/projects/blue/models',
    'http://evil.test/api/projects/blue/models',
    'api/projects/blue/models',
  ])('%s is 400', async target => {
    expect((await raw(await request(target))).status).toBe(400);
    expect(door.backend.seen).toEqual([]);
  });

  it('is read and built anew: what an odd server could take for something else is encoded', async () => {
    expect((await raw(await request('/api/projects/blue/agentic-sessions/..;/a%3Fb/c%23d'))).status).toBe(200);
    expect(door.backend.seen[0]?.url).toBe('/api/projects/blue/agentic-sessions/..%3B/a%3Fb/c%23d');
  });

  it('of a tunnel or of a whole server leads nowhere', async () => {
    expect((await raw(await request('127.0.0.1:22', [], { method: 'CONNECT' }))).status).not.toBe(200);
    expect((await raw(await request('*', [], { method: 'OPTIONS' }))).status).toBe(400);
    expect((await raw(await request(MODELS, [], { method: 'TRACE' }))).status).toBe(405);
    expect(door.backend.seen).toEqual([]);
  });
});

describe('a request that two servers could read differently', () => {
  const post = (lines: readonly string[], body: string) =>
    request('/api/projects/blue/agentic-sessions', lines, { method: 'POST', body });
  const smuggled = 'GET /api/projects/blue/keys HTTP/1.1\r\nHost: x\r\n\r\n';

  it.each<[string, readonly string[], string]>([
    ['two lengths', ['Content-Length: 2', `Content-Length: ${2 + smuggled.length}`], `{}${smuggled}`],
    ['the same length twice', ['Content-Length: 2', 'Content-Length: 2'], '{}'],
    ['a list of lengths', ['Content-Length: 2, 2'], '{}'],
    ['a length and chunks', [`Content-Length: ${5 + smuggled.length}`, 'Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`],
    ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 4'], `0\r\n\r\n${smuggled}`],
    ['an unknown coding', ['Transfer-Encoding: xchunked'], `0\r\n\r\n${smuggled}`],
    ['two codings', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], `0\r\n\r\n${smuggled}`],
    ['a folded header', ['X-A: 1', ' Transfer-Encoding: chunked'], smuggled],
    ['a space before the colon', ['Transfer-Encoding : chunked'], smuggled],
    ['a bad chunk', ['Transfer-Encoding: chunked'], `zz\r\n${smuggled}`],
    ['a line feed alone', ['X-A: 1\nTransfer-Encoding: chunked'], smuggled],
    ['a carriage return alone', ['X-A: 1\rTransfer-Encoding: chunked'], smuggled],
    ['a null in a header', ['X-A: 1\x00'], ''],
  ])('for %s is 400', async (_name, lines, body) => {
    expect((await raw(await post(lines, body))).status).toBe(400);
    expect(door.backend.seen.filter(({ url }) => url.includes('keys'))).toEqual([]);
  });

  it('for its host is only read for its path', async () => {
    for (const host of ['evil.test', '169.254.169.254', '127.0.0.1:1', '[::1]']) {
      expect((await raw(await request(MODELS, ['X-Forwarded-Host: evil.test'], { host }))).status).toBe(200);
      expect(door.backend.seen.at(-1)?.headers.host).toBe(new URL(door.backend.url).host);
    }
    expect(
      (
        await raw(
          `GET ${MODELS} HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\nAuthorization: Bearer ${await good()}\r\n\r\n`,
        )
      ).status,
    ).toBe(400);
    expect((await raw(`GET ${MODELS} HTTP/1.1\r\nAuthorization: Bearer ${await good()}\r\n\r\n`)).status).toBe(400);
    expect(JSON.stringify(door.backend.seen)).not.toMatch(/evil|169\.254/);
  });
});

describe('headers', () => {
  it('by which one could be another do not pass, in any spelling', async () => {
    const lines = [
      'X-Ambient-User: root',
      'x_ambient_user: root',
      'X-Ambient_User: root',
      'X-AMBIENT-ROLES: platform:admin',
      'X-Remote-User: root',
      'X-Remote-Group: system:masters',
      'X-Remote-Extra-Scopes: root',
      'X-Forwarded-For: 6.6.6.6',
      'X-Forwarded-User: root',
      'X-Forwarded-Proto: root',
      'Forwarded: for=6.6.6.6;host=root',
      'Cookie: session=root',
      'Proxy-Authorization: Basic root',
      'Impersonate-User: root',
      'X-Original-URL: /root',
      'X-Rewrite-URL: /root',
      'X-HTTP-Method-Override: DELETE',
      'TE: trailers, root',
      'Trailer: root',
    ];
    expect((await raw(await request(MODELS, lines))).status).toBe(200);
    expect(JSON.stringify(door.backend.seen)).not.toMatch(/root|6\.6\.6\.6|system:masters|DELETE/);
    expect(door.backend.seen[0]?.headers).toMatchObject({ 'x-ambient-user': 'ann', 'x-ambient-roles': 'project:editor' });
  });

  it('that Connection names take nothing of the proxy’s away', async () => {
    const lines = [
      'Connection: X-Ambient-User, X-Ambient-Roles, Authorization, Forwarded, Host, Content-Length, Accept',
      'Accept: x/y',
    ];
    expect((await raw(await request(MODELS, lines))).status).toBe(200);
    expect(door.backend.seen[0]?.headers).toMatchObject({
      'x-ambient-user': 'ann',
      'x-ambient-roles': 'project:editor',
      authorization: expect.stringContaining('Bearer '),
      forwarded: expect.stringContaining('for='),
    });
    expect(door.backend.seen[0]?.headers).not.toHaveProperty('accept');
  });

  it('for an upgrade are refused, and the connection does not become another', async () => {
    for (const protocol of ['websocket', 'h2c', 'TLS/1.0']) {
      const answer = await raw(await request(MODELS, ['Connection: Upgrade', `Upgrade: ${protocol}`]));
      expect(answer.status).toBe(400);
      expect(answer.text).not.toContain('101');
    }
    expect(door.backend.seen).toEqual([]);
  });

  it('of more than 16 KiB are 400', async () => {
    expect((await raw(await request(MODELS, [`X-Long: ${'x'.repeat(17_000)}`]))).status).toBe(400);
  });

  it('that never end are given up', async () => {
    const answer = await raw(`GET ${MODELS} HTTP/1.1\r\nHost: x\r\nX-Slow: `);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('took too long to arrive');
  }, 30_000);
});

describe('what must not be there', () => {
  it.each(['/internal/proxy-audit', '/internal/caller-roles?user=ann', '/metrics/', '/api/auth/bitbucket', '/api/projects/blue'])(
    '%s is 404, whoever asks',
    async path => {
      for (const method of ['GET', 'POST']) {
        expect((await raw(await request(path, [], { method }))).status).toBe(404);
      }
      expect(
        [...door.command.seen, ...door.query.seen.filter(({ url }) => url.includes('ann'))].filter(
          ({ method }) => method === 'GET',
        ),
      ).toEqual([]);
      expect(door.backend.seen).toEqual([]);
    },
  );

  it('a runner’s credentials are not an editor’s, by any path', async () => {
    for (const [method, path] of [
      ['POST', 'github/token'],
      ['GET', 'github/token'],
      ['GET', 'credentials/github'],
      ['PUT', 'credentials/github'],
      ['POST', 'runner/feedback'],
      ['POST', '%67ithub/token'],
      ['POST', 'github/token/'],
    ] as const) {
      const { status } = await raw(await request(`/api/projects/blue/agentic-sessions/s/${path}`, [], { method }));
      expect([403, 404, 405]).toContain(status);
    }
    expect(door.backend.seen).toEqual([]);
  });
});
