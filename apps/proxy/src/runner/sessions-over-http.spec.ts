import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startUpstream, type TestUpstream } from '../../testing/upstream.js';
import { SessionsOverHttp } from './sessions-over-http.js';

describe('sessions over HTTP', () => {
  let query: TestUpstream;
  let sessions: SessionsOverHttp;

  beforeEach(async () => {
    query = await startUpstream('query');
    sessions = new SessionsOverHttp({ url: query.url, token: 'token-of-the-proxy' });
  });
  afterEach(() => query.stop());

  const answering = (status: number, body: unknown): void => {
    query.answer = (_, response) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

  it('are asked for with the credential of the proxy', async () => {
    answering(200, { found: true, phase: 'Running', project_id: 'blue', namespace: 'team-a' });
    expect(await sessions.sessionOf('a&b')).toEqual({ id: 'a&b', phase: 'Running', project_id: 'blue', namespace: 'team-a' });
    expect(query.seen[0]).toMatchObject({
      url: '/internal/session-place?session_id=a%26b',
      headers: { authorization: 'Bearer token-of-the-proxy' },
    });
  });

  it('may not be there', async () => {
    answering(200, { found: false, phase: '' });
    expect(await sessions.sessionOf('a')).toBeUndefined();
  });

  it.each([
    [500, { found: true, phase: 'Running' }],
    [403, {}],
    [302, {}],
    [200, { found: true }],
    [200, { found: true, phase: 'Dancing' }],
    [200, 'nonsense'],
  ])('are unknown for now where the answer is %d %j', async (status, body) => {
    answering(status, body);
    await expect(sessions.sessionOf('a')).rejects.toMatchObject({ number: 503 });
  });

  it('are unknown for now where nobody answers', async () => {
    await query.stop();
    await expect(sessions.sessionOf('a')).rejects.toMatchObject({ number: 503, headers: { 'retry-after': '1' } });
  });
});
