import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSecretKey } from './secret-key.js';
import { loadStandaloneToken } from './standalone-token.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ambient-access-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('the token of a standalone start', () => {
  it('is made once, with 256 bits, and found again', async () => {
    const first = await loadStandaloneToken(join(dataDir, 'new'), {});
    expect(first.token).toMatch(/^ambient_[\w-]{43}$/);
    expect(first.created).toBe(true);
    expect(await loadStandaloneToken(join(dataDir, 'new'), {})).toEqual({ token: first.token, created: false });
  });

  it('can be read by its owner alone, also where a file was wider', async () => {
    const { token } = await loadStandaloneToken(dataDir, {});
    const path = join(dataDir, 'admin-token');
    expect(await modeOf(path)).toBe(0o600);
    await chmod(path, 0o644);
    expect((await loadStandaloneToken(dataDir, {})).token).toBe(token);
    expect(await modeOf(path)).toBe(0o600);
  });

  it('is the same for starts at once, of which one made it, and leaves no draft', async () => {
    const starts = await Promise.all(Array.from({ length: 20 }, () => loadStandaloneToken(dataDir, {})));
    expect(new Set(starts.map(start => start.token)).size).toBe(1);
    expect(starts.filter(start => start.created)).toHaveLength(1);
    expect(await readdir(dataDir)).toEqual(['admin-token']);
  });

  it('is AMBIENT_TOKEN where that is set, and then nothing is written', async () => {
    const env = { AMBIENT_TOKEN: 'a-token-of-my-own' };
    expect(await loadStandaloneToken(dataDir, env)).toEqual({ token: 'a-token-of-my-own', created: false });
    expect(await readdir(dataDir)).toEqual([]);
  });

  it.each(['', 'too-short', 'with a space inside it', 'línea-no-ascii-here'])('is never %j', async token => {
    await expect(loadStandaloneToken(dataDir, { AMBIENT_TOKEN: token })).rejects.toThrow('AMBIENT_TOKEN must hold at least 16');
  });

  it('is not read from an empty file', async () => {
    await writeFile(join(dataDir, 'admin-token'), '\n');
    await expect(loadStandaloneToken(dataDir, {})).rejects.toThrow('admin-token is empty');
  });
});

describe('the secret key', () => {
  it('is made once, has 32 bytes, and only its owner reads it', async () => {
    const first = await loadSecretKey(dataDir, {});
    expect(first.key).toHaveLength(32);
    expect(first.created).toBe(true);
    expect(await loadSecretKey(dataDir, {})).toEqual({ key: first.key, created: false });
    expect(await modeOf(join(dataDir, 'secret-key'))).toBe(0o600);
  });

  const key = Buffer.alloc(32, 0xfb);
  it.each([key.toString('base64'), key.toString('base64url'), key.toString('hex'), key.toString('hex').toUpperCase()])(
    'is read from %s',
    async text => {
      expect(await loadSecretKey(dataDir, { AMBIENT_SECRET_KEY: text })).toEqual({ key, created: false });
    },
  );

  it.each(['', 'secret', key.toString('hex').slice(1), Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')])(
    'is not read from %j',
    async text => {
      await expect(loadSecretKey(dataDir, { AMBIENT_SECRET_KEY: text })).rejects.toThrow('AMBIENT_SECRET_KEY must hold 32 bytes');
    },
  );
});
