import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { collect } from '../testing/collect.js';
import { json, problem, ScriptedServer, type Asked } from '../testing/server.js';
import { ConnectionError, createClient, ForbiddenError } from './index.js';

let server: ScriptedServer;
beforeAll(async () => {
  server = await ScriptedServer.start();
});
afterAll(() => server.stop());

const open = () => createClient({ url: server.url, retry: { baseMs: 1, capMs: 4, retries: 1 } });
const line = (n: number): string => JSON.stringify({ stream: 's', revision: n, text: 'ü'.repeat(3), position: String(n) });
const queries = () => server.asked.map(({ url }) => Object.fromEntries(new URL(url, server.url).searchParams));

/** An answer in these pieces, that ends or breaks. */
const answer =
  (pieces: readonly (string | Uint8Array)[], end: 'ends' | 'breaks') =>
  (_: Asked, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const piece of pieces) response.write(piece);
    response.write('', () => (end === 'ends' ? response.end() : response.socket?.destroy()));
  };

describe('an export', () => {
  it('is lines, whatever pieces they come in, and goes on behind the last whole one when the connection breaks', async () => {
    const bytes = Buffer.from(`${line(1)}\n${line(2)}\n`);
    const inside = bytes.indexOf('ü') + 1;
    server.replies(
      answer([bytes.subarray(0, inside), bytes.subarray(inside), line(3).slice(0, 20)], 'breaks'),
      answer([`${line(3)}\n${line(4)}\n`], 'ends'),
    );
    expect(await collect(open().audit.lines('garden', { type: 'X' }))).toEqual([1, 2, 3, 4].map(line));
    expect(queries()).toEqual([{ type: 'X' }, { type: 'X', after: '2' }]);
    expect(server.asked[0]!.headers.accept).toBe('application/x-ndjson');
  });

  it('that ends inside a line is not taken for a whole one', async () => {
    server.replies(answer([line(1).slice(0, 20)], 'ends'), answer([`${line(1)}\n`], 'ends'));
    expect(await collect(open().audit.lines('garden'))).toEqual([line(1)]);
  });

  it('is given up when it does not get on', async () => {
    server.replies(answer(['{'], 'breaks'));
    await expect(collect(open().audit.lines('garden'))).rejects.toBeInstanceOf(ConnectionError);
    server.replies(problem(403, 4, 'no'));
    await expect(collect(open().audit.lines('garden'))).rejects.toBeInstanceOf(ForbiddenError);
  });

  it('as a list goes on where the page before said', async () => {
    server.replies(json(200, { items: [{ position: '1' }], next: '7' }), json(200, { items: [{ position: '8' }] }));
    expect(await collect(open().audit.all('garden', { actor: 'a' }))).toEqual([{ position: '1' }, { position: '8' }]);
    expect(queries()).toEqual([
      { actor: 'a', limit: '1000' },
      { actor: 'a', limit: '1000', after: '7' },
    ]);
  });
});
