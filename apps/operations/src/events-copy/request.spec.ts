import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../command-line.js';
import { addressOf, requestOf } from './request.js';

describe('the place of a log', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'events-copy-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is a server by its URL, whatever the scheme is called', () => {
    for (const scheme of ['kurrentdb', 'esdb', 'kurrentdb+discover', 'esdb+discover']) {
      const url = `${scheme}://user:password@one:2113,two:2113?tls=true`;
      expect(addressOf(url)).toEqual({ url });
    }
  });

  it('is the log in a data folder, be it there or not', async () => {
    expect(addressOf(folder)).toEqual({ path: join(folder, 'events.db') });
    expect(addressOf(join(folder, 'new'))).toEqual({ path: join(folder, 'new/events.db') });
    await mkdir(join(folder, 'folder.db'));
    expect(addressOf(join(folder, 'folder.db'))).toEqual({ path: join(folder, 'folder.db/events.db') });
  });

  it('is a file that ends in .db', () => {
    expect(addressOf(join(folder, 'copy.db'))).toEqual({ path: join(folder, 'copy.db') });
  });
});

describe('a call of events:copy', () => {
  it('verifies unless told otherwise', () => {
    const call = ['--from', '/a', '--to', 'esdb://b'];
    const request = { from: { path: '/a/events.db' }, to: { url: 'esdb://b' }, verify: true };
    expect(requestOf(call)).toEqual(request);
    expect(requestOf([...call, '--verify'])).toEqual(request);
    expect(requestOf([...call, '--no-verify'])).toEqual({ ...request, verify: false });
  });

  it.each([
    ['no source', ['--to', 'a'], '--from is missing'],
    ['no target', ['--from', 'a'], '--to is missing'],
    ['an empty source', ['--from', '', '--to', 'a'], '--from is missing'],
    ['an option that it does not have', ['--form', 'a'], "Unknown option '--form'"],
    ['more than options', ['a', 'b'], "Unexpected argument 'a'"],
    ['one file as both', ['--from', 'a', '--to', './a/events.db'], 'are the same log'],
    ['one server as both', ['--from', 'esdb://a', '--to', 'kurrentdb://a'], 'are the same log'],
    ['an engine that is none', ['--from', 'mongodb://localhost', '--to', 'a'], 'mongodb:// is no event store'],
  ])('is refused with %s', (_, args, reason) => {
    expect(() => requestOf(args)).toThrow(UsageError);
    expect(() => requestOf(args)).toThrow(reason);
  });
});
