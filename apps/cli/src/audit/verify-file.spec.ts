import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportLines } from '../../testing/audit-export.js';
import { verifyFile } from './verify-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

const verdictOn = async (content: Uint8Array) => {
  const path = join(folder, 'export.ndjson');
  await writeFile(path, content);
  return verifyFile(path, { partial: false });
};

it('an export is valid, and empty it is too', async () => {
  expect(await verdictOn(Buffer.from([...exportLines(12)].join('')))).toEqual({ valid: true, events: 12, streams: 2 });
  expect(await verdictOn(Buffer.alloc(0))).toEqual({ valid: true, events: 0, streams: 0 });
});

it('no byte can be changed, taken out or put in unnoticed', async () => {
  const content = Buffer.from([...exportLines(3)].join(''));
  for (let at = 0; at < content.length; at += 1) {
    const changed = Buffer.from(content);
    changed[at] = (content[at]! + 1 + (at % 255)) % 256;
    const without = Buffer.concat([content.subarray(0, at), content.subarray(at + 1)]);
    const more = Buffer.concat([content.subarray(0, at), Buffer.from(' '), content.subarray(at)]);
    for (const forged of [changed, without, more]) {
      const { valid } = await verdictOn(forged);
      if (valid) throw new Error(`byte ${at} of ${content.length} was changed unnoticed`);
    }
  }
}, 60_000);

it('a replacement character that was written is not taken for bytes that are none', async () => {
  const content = Buffer.from([...exportLines(1)].join(''));
  const at = content.indexOf('\uFFFD');
  // The beginning of a longer character, which a lenient reader would show as the very same replacement character.
  content[at] = 0xf0;
  expect(await verdictOn(content)).toMatchObject({ valid: false, first_bad: { line: 1 } });
});
