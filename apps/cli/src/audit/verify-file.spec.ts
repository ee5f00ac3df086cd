import { expect, it } from '@jest/globals';
import { exportLines } from '../../testing/audit-export.js';
import { verifyBytes } from './verify-file.js';

const exported = (events: number): Buffer => Buffer.from([...exportLines(events)].join(''));
const verdictOn = (...chunks: Buffer[]) => verifyBytes(chunks, { partial: false });

it('an export is valid, in whatever pieces it comes, and an empty one is too', async () => {
  const content = exported(12);
  const expected = { valid: true, events: 12, streams: 2 };
  expect(await verdictOn(content)).toEqual(expected);
  for (const size of [1, 7, 700]) {
    const pieces = Array.from({ length: Math.ceil(content.length / size) }, (_, at) =>
      content.subarray(at * size, (at + 1) * size),
    );
    expect(await verdictOn(...pieces)).toEqual(expected);
  }
  expect(await verdictOn()).toEqual({ valid: true, events: 0, streams: 0 });
});

it('no byte of an event can be changed, taken out or put in unnoticed', async () => {
  const content = exported(3);
  const unnoticed: number[] = [];
  for (let at = 0; at < content.length; at += 1) {
    const changed = Buffer.from(content);
    changed[at] = (content[at]! + 1 + (at % 255)) % 256;
    const without = Buffer.concat([content.subarray(0, at), content.subarray(at + 1)]);
    const more = Buffer.concat([content.subarray(0, at), Buffer.from(' '), content.subarray(at)]);
    for (const forged of [changed, without, more]) if ((await verdictOn(forged)).valid) unnoticed.push(at);
  }
  expect(unnoticed).toEqual([]);
}, 60_000);

it('a replacement character that was written is not taken for bytes that are none', async () => {
  const content = exported(1);
  const at = content.indexOf('\uFFFD');
  expect(at).toBeGreaterThan(0);
  // The beginning of a longer character, which a lenient reader would show as the very same replacement character.
  content[at] = 0xf0;
  expect(await verdictOn(content)).toMatchObject({ valid: false, first_bad: { line: 1 } });
});

it('a last line that is not ended is not what was written', async () => {
  const content = exported(2);
  expect(await verdictOn(content.subarray(0, -1))).toMatchObject({ valid: false });
});
