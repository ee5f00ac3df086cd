import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionOf } from './connection.js';
import { contextPath, readContexts, writeContexts, type Contexts } from './context-file.js';

const NONE: Contexts = { contexts: {} };
const KEPT: Contexts = {
  current: 'home',
  contexts: {
    home: { url: 'http://localhost:9000', token: 'of-home', project: 'house' },
    work: { url: 'https://work.example/ambient', token: 'of-work', project: 'office' },
    bare: { url: 'https://bare.example' },
  },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'connection-'));
  await writeFile(join(folder, 'admin-token'), 'of-the-data-folder\n');
});
afterAll(() => rm(folder, { recursive: true }));

describe('a connection', () => {
  const env = (more: NodeJS.ProcessEnv = {}) => ({ AMBIENT_DATA_DIR: join(folder, 'nothing'), ...more });

  it('is to this machine when nothing is said, with the token of the data folder', async () => {
    const expected = { url: 'http://localhost:8000', token: undefined, project: undefined };
    expect(await connectionOf({}, env(), NONE)).toEqual(expected);
    const own = { AMBIENT_DATA_DIR: folder };
    expect(await connectionOf({}, own, NONE)).toEqual({ ...expected, token: 'of-the-data-folder' });
    for (const url of ['http://127.0.0.1:1', 'http://[::1]:1', 'http://localhost']) {
      expect(await connectionOf({ url }, own, NONE)).toMatchObject({ token: 'of-the-data-folder' });
    }
  });

  it('is what the environment says, rather than the current context', async () => {
    const said = env({ AMBIENT_API_URL: 'https://here.example', AMBIENT_TOKEN: 'given', AMBIENT_PROJECT: 'garden' });
    const expected = { url: 'https://here.example', token: 'given', project: 'garden' };
    expect(await connectionOf({}, said, NONE)).toEqual(expected);
    expect(await connectionOf({}, said, KEPT)).toEqual(expected);
    expect(await connectionOf({}, env(), KEPT)).toEqual({ url: 'http://localhost:9000', token: 'of-home', project: 'house' });
  });

  it('is that of a context that is named, rather than what the environment says', async () => {
    const said = env({ AMBIENT_API_URL: 'https://here.example', AMBIENT_TOKEN: 'given', AMBIENT_PROJECT: 'garden' });
    const work = { url: 'https://work.example/ambient', token: 'of-work', project: 'office' };
    expect(await connectionOf({ context: 'work' }, said, KEPT)).toEqual(work);
    expect(await connectionOf({}, { ...said, AMBIENT_CONTEXT: 'work' }, KEPT)).toEqual(work);
    expect(await connectionOf({ context: 'bare' }, said, KEPT)).toEqual({
      url: 'https://bare.example',
      token: 'given',
      project: 'garden',
    });
    expect(await connectionOf({ context: 'work', project: 'x' }, said, KEPT)).toMatchObject({ project: 'x' });
    await expect(connectionOf({ context: 'gone' }, env(), KEPT)).rejects.toThrow('there is no context "gone"');
    await expect(connectionOf({ context: 'constructor' }, env(), KEPT)).rejects.toThrow('there is no context');
  });

  it('never carries a token to a server that it was not kept for', async () => {
    const foreign = 'https://elsewhere.example';
    const own = { AMBIENT_DATA_DIR: folder };
    expect(await connectionOf({ url: foreign }, own, KEPT)).toEqual({ url: foreign, token: undefined, project: undefined });
    expect(await connectionOf({ context: 'work', url: foreign }, own, KEPT)).toMatchObject({ token: undefined });
    expect(await connectionOf({ url: 'http://localhost.evil.example' }, own, NONE)).toMatchObject({ token: undefined });
    expect(await connectionOf({ url: 'https://work.example/other' }, env(), { ...KEPT, current: 'work' })).toMatchObject({
      token: 'of-work',
    });
  });

  it.each(['localhost:8000', 'ftp://x', ''])('is not to "%s"', async url => {
    await expect(connectionOf({ url }, env(), NONE)).rejects.toThrow('is no http or https URL');
  });
});

describe('contexts', () => {
  it('are kept in a file that no one else may read', async () => {
    const path = contextPath({ XDG_CONFIG_HOME: join(folder, 'config') });
    expect(await readContexts(path)).toEqual(NONE);
    await writeContexts(KEPT, path);
    expect(await readContexts(path)).toEqual(KEPT);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toContain('of-work');
    await writeFile(path, '{');
    await expect(readContexts(path)).rejects.toThrow(`${path} is not JSON`);
  });
});
