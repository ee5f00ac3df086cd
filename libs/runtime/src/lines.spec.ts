import { describe, expect, it } from '@jest/globals';
import { linesOf, MAX_PAYLOAD_BYTES, piecesOf } from './lines.js';

const read = async (chunks: string[], maxBytes?: number): Promise<string[]> => {
  async function* stream(): AsyncGenerator<string> {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const line of linesOf(stream(), maxBytes)) lines.push(line);
  return lines;
};

describe('linesOf', () => {
  it.each<[string[], string[]]>([
    [[], []],
    [['a\nb\n'], ['a', 'b']],
    [['a\r\nb'], ['a', 'b']],
    [
      ['a\r', '\nb'],
      ['a', 'b'],
    ],
    [
      ['a', 'b\n', 'c'],
      ['ab', 'c'],
    ],
    [['\n\na'], ['', '', 'a']],
    [['50 %\r100 %\n'], ['50 %\r100 %']],
  ])('%j in lines is %j', async (chunks, lines) => {
    expect(await read(chunks)).toEqual(lines);
  });

  it('cuts a line that is longer than a payload, without its end having come', async () => {
    const chunks = Array.from({ length: 50 }, () => 'é'.repeat(65_536));
    const lines = await read(chunks);
    expect(lines.join('')).toBe(chunks.join(''));
    for (const line of lines) expect(Buffer.byteLength(JSON.stringify(line))).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
  });

  it('cuts no character in two', async () => {
    for (const line of await read(['x😀😀😀😀😀😀'], 8)) expect(line.isWellFormed()).toBe(true);
  });
});

describe('piecesOf', () => {
  it('leaves a text whole that fits', () => {
    expect(piecesOf('x'.repeat(MAX_PAYLOAD_BYTES - 2))).toHaveLength(1);
    expect(piecesOf('')).toEqual(['']);
  });

  it('counts what JSON makes of a text', () => {
    const text = '\u0001'.repeat(MAX_PAYLOAD_BYTES / 2);
    const pieces = piecesOf(text);
    expect(pieces.join('')).toBe(text);
    expect(pieces).toHaveLength(4);
  });
});
