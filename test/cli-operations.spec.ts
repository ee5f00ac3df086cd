/** `ambientctl projections` with the real binary: on the engines of a running system. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Shell } from '../apps/cli/testing/command.js';
import { engineSettings } from './support/engines.js';
import { TestBed } from './support/system.js';

const PATIENCE_MS = 120_000;

describe('projections', () => {
  const bed = new TestBed();
  let shell: Shell;
  beforeAll(async () => {
    const dataDir = await bed.dataDir();
    const system = await bed.start(dataDir);
    shell = await Shell.open({
      AMBIENT_API_URL: system.url,
      AMBIENT_TOKEN: system.token,
      AMBIENT_DATA_DIR: dataDir,
      ...(await engineSettings(dataDir)),
    });
    await shell.ok('project', 'create', 'garden');
    await shell.ok('agent', 'create', 'gardener', '-p', 'garden');
  }, 180_000);
  afterAll(async () => {
    await shell.close();
    await bed.clear();
  });

  it(
    'are looked at, verified and rebuilt while the system runs',
    async () => {
      expect(await shell.json('projections', 'status')).toMatchObject({ parked_events: 0, lag_events: expect.any(Number) });
      expect(await shell.ok('projections', 'status')).toMatch(/\nparked_events +0\n/);
      expect(await shell.json('projections', 'verify')).toMatchObject({ equal: true, documents: expect.any(Number) });
      expect(await shell.ok('projections', 'rebuild')).toBe('rebuilt and swapped in\n');
      expect(await shell.ok('projections', 'verify')).toMatch(/^equal: \d+ documents\n$/);
      expect(await shell.ok('agent', 'list', '-p', 'garden', '-o', 'name')).toBe('gardener\n');
    },
    PATIENCE_MS,
  );
});
