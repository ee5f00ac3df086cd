/** What only raw bytes can say. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { API, startBench, TOKEN, type Bench } from '../testing/bench.js';
import { exchangeRaw, type RawAnswer } from '../testing/raw.js';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ limits: { requestHeadMs: 300, requestMs: 600 } });
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.command.seen.length = 0;
  bench.query.seen.length = 0;
});

const request = (target: string, headers: readonly string[] = [], { method = 'GET', body = '' } = {}) =>
  [
    `${method} ${target} HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${TOKEN}`,
    ...(headers.length ? headers : ['Connection: close']),
    '',
    body,
  ].join('\r\n');
const send = (text: string) => exchangeRaw(bench.url, text);

/** What became of a request: an envelope, and whether a service heard of it. */
const outcomeOf = ({ status, head, body }: RawAnswer) => ({
  status,
  envelope: head.includes('content-type: application/problem+json') && (JSON.parse(body) as { status: number }).status,
  reached: bench.query.seen.length + bench.command.seen.length,
});
const REFUSED = { status: 400, envelope: 400, reached: 0 };

describe('a request target', () => {
  it.each([
    `${API}/projects/a%2fb`,
    `${API}/projects/a%2Fb`,
    `${API}/projects/a%5cb`,
    `${API}/projects/a\\b`,
    `${API}/projects/a%00`,
    `${API}/projects/a%252fb`,
    `${API}/projects/a%25`,
    `${API}//projects`,
    `//api/ambient/v1/projects`,
    `${API}/projects/../sessions`,
    `${API}/projects/./a`,
    `${API}/projects/%2e%2e/sessions`,
    `${API}/projects/.%2E/sessions`,
    `${API}/projects/..`,
    `${API}/projects/%2e?x=1`,
    `${API}/projects/%zz`,
    `${API}/projects/%ff`,
    `${API}/projects/%c0%af`,
    `${API}/projects/é`,
    `${API}/projects#fragment`,
    `${API}/projects?x=%00`,
    `http://evil.example${API}/projects`,
    `http://127.0.0.1/healthz`,
    '/healthz/../api/ambient',
    '/%zz',
  ])('like %s is refused', async target => {
    expect(outcomeOf(await send(request(target)))).toEqual(REFUSED);
  });

  it('of a whole server is refused', async () => {
    expect(outcomeOf(await send(request('*', [], { method: 'OPTIONS' })))).toEqual(REFUSED);
  });

  it('reaches the upstream as the template with parameters encoded anew', async () => {
    const answer = await send(request(`/%61pi/ambient/v1/projects/a;b:c%3d%C3%A9/agents?q=..//%2f`));
    expect(answer.status).toBe(200);
    expect(bench.query.seen[0]?.url).toBe(`${API}/projects/a%3Bb%3Ac%3D%C3%A9/agents?q=..//%2f`);
  });
});

describe('headers', () => {
  it('that Connection names are gone, but never the ones of the proxy', async () => {
    const named = [
      'Connection: close, X-Secret, Authorization, X-Operation-ID, traceparent',
      'X-Secret: 1',
      'Keep-Alive: 5',
      'TE: trailers',
    ];
    expect((await send(request(`${API}/projects`, named))).status).toBe(200);
    const { headers } = bench.query.seen[0]!;
    expect(headers).not.toHaveProperty('x-secret');
    expect(headers).not.toHaveProperty('te');
    expect(headers).not.toHaveProperty('keep-alive');
    expect(headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, traceparent: expect.stringMatching(/^00-/) });
    expect(headers['x-operation-id']).toMatch(/./);
  });

  it('that the upstream calls hop-by-hop do not reach the client', async () => {
    const echo = bench.query.answer;
    bench.query.answer = (_request, response) =>
      response
        .writeHead(200, { connection: 'x-inner', 'x-inner': '1', x_twin: '1', 'proxy-authenticate': 'Basic', 'x-outer': '2' })
        .end('ok');
    const { head } = await send(request(`${API}/projects`));
    bench.query.answer = echo;
    expect(head).toContain('x-outer: 2');
    expect(head).not.toMatch(/x-inner|x_twin|proxy-authenticate/);
  });

  it('say who was asked: a foreign Host does not', async () => {
    const text = request(`${API}/projects`, ['Connection: close', 'X-Forwarded-Host: evil.example']).replace(
      'Host: x',
      'Host: evil.example',
    );
    expect((await send(text)).status).toBe(200);
    expect(JSON.stringify(bench.query.seen[0])).not.toContain('evil.example');
  });

  it('carry one token on: that which was judged', async () => {
    await send(request(`${API}/projects`, ['Connection: close', 'Authorization: Bearer another-token-altogether']));
    expect(bench.query.seen[0]?.rawHeaders.filter(text => text.startsWith('Bearer'))).toEqual([`Bearer ${TOKEN}`]);
  });

  it('that are too long are refused', async () => {
    expect(outcomeOf(await send(request(`${API}/projects`, ['Connection: close', `X-Long: ${'x'.repeat(17_000)}`])))).toEqual(
      REFUSED,
    );
  });
});

describe('framing', () => {
  const post = (headers: readonly string[], body: string) => request(`${API}/projects`, headers, { method: 'POST', body });

  it.each<[string, readonly string[], string]>([
    ['two lengths', ['Content-Length: 2', 'Content-Length: 3'], '{}x'],
    ['the same length twice', ['Content-Length: 2', 'Content-Length: 2'], '{}'],
    ['a length and chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked'], '2\r\n{}\r\n0\r\n\r\n'],
    ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 2'], '2\r\n{}\r\n0\r\n\r\n'],
    ['an unknown coding', ['Transfer-Encoding: xchunked'], '{}'],
    ['chunked before another coding', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
    ['a length that is no number', ['Content-Length: +2'], '{}'],
    ['a folded header', ['X-A: 1', ' Transfer-Encoding: chunked'], ''],
    ['a space before the colon', ['Transfer-Encoding : chunked'], '0\r\n\r\n'],
  ])('with %s is refused', async (_name, headers, body) => {
    expect(outcomeOf(await send(post(headers, body)))).toEqual(REFUSED);
  });

  it('as chunks arrives whole', async () => {
    const answer = await send(post(['Connection: close', 'Transfer-Encoding: chunked'], '2\r\n{}\r\n0\r\n\r\n'));
    expect(answer.body).toContain('"body":"{}"');
  });

  it('of a head that does not come to an end is given up', async () => {
    expect(outcomeOf(await send(`GET ${API}/projects HTTP/1.1\r\nHost: x\r\nX-Slow: `))).toEqual(REFUSED);
  });

  it('of a body that does not come to an end is given up, also at the upstream', async () => {
    const answer = await send(post(['Content-Length: 10'], '{"a":'));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ reason: 'the request took too long to arrive' });
  });
});

describe('an upgrade', () => {
  it.each(['websocket', 'h2c'])('to %s is refused, and the connection stays HTTP', async protocol => {
    expect(outcomeOf(await send(request(`${API}/projects`, ['Connection: Upgrade, close', `Upgrade: ${protocol}`])))).toEqual(
      REFUSED,
    );
  });
});
