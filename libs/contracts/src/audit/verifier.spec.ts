import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { canonicalJson, GENESIS_HASH, hashOf } from '../events/chain.js';
import type { EventMetadata } from '../events/metadata.js';
import { exportLine } from './export.js';
import { AuditVerifier, linesOf, verifyExport, type AuditEvent } from './verifier.js';

/** What a log holds: `of` makes the next event of a stream. */
class Log {
  readonly events: Required<AuditEvent>[] = [];
  readonly #tails = new Map<string, { revision: number; hash: string }>();

  append(stream: string, payload: object): void {
    const { revision, hash: prev_hash } = this.#tails.get(stream) ?? { revision: -1, hash: GENESIS_HASH };
    const metadata: EventMetadata = {
      event_id: '5c1f7d0e-8a55-5e0a-9a53-0b6f3f1f8f11',
      schema_version: 1,
      occurred_at: '2026-01-31T09:00:00.000Z',
      actor: { id: 'ada', kind: 'user' },
      correlation_id: 'correlation',
      causation_id: `causation ${this.events.length}`,
      prev_hash,
      hash: '',
    };
    const event = { stream, revision: revision + 1, type: 'AgentUpdated', payload, metadata };
    const hash = hashOf(event);
    this.#tails.set(stream, { revision: revision + 1, hash });
    const position = String(this.events.length + 1).padStart(20, '0');
    this.events.push({ ...event, metadata: { ...metadata, hash }, position });
  }
}

function lineOf({ payload, metadata: { hash, ...rest }, ...event }: Required<AuditEvent>): string {
  return exportLine({
    ...event,
    data: canonicalJson(payload),
    metadata: `${canonicalJson(rest).slice(0, -1)},"hash":"${hash}"}`,
  });
}

const TEXTS = ['plain', 'a "quote" \\ and \u000f', 'ü 日本 😀', 'two\nlines', '\u2028 is no end of line', '\ufeff', ''];

/** So many events of seven streams, two of them days that other projects share: of those, one event in three is another project's. */
function exported(count: number): Required<AuditEvent>[] {
  const log = new Log();
  for (let n = 0; log.events.length < count * 1.2; n++) {
    const stream = n % 7 < 5 ? `agent-${n % 5}` : `proxyAudit-2026-01-3${n % 2}`;
    log.append(stream, {
      project_id: n % 3 === 0 && n % 7 >= 5 ? 'other' : 'blue',
      n,
      text: TEXTS[n % TEXTS.length],
      share: n / 7,
    });
  }
  return log.events.filter(({ payload }) => (payload as { project_id: string }).project_id === 'blue').slice(0, count);
}

const events = exported(300);
const lines = events.map(lineOf);
const broken = 'prev_hash is not the hash of the event before';

describe('an export', () => {
  it('that nobody touched is valid', async () => {
    expect(await verifyExport(lines)).toEqual({ valid: true, streams: 7, events: 300 });
    expect(await verifyExport([])).toEqual({ valid: true, streams: 0, events: 0 });
  });

  it('is found out whichever byte of it was changed', async () => {
    const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''));
    const somewhere = fc.integer({ min: 0, max: bytes.length - 1 });
    await fc.assert(
      fc.asyncProperty(somewhere, fc.integer({ min: 1, max: 255 }), async (index, difference) => {
        const changed = Buffer.from(bytes);
        changed[index] = (changed[index]! + difference) % 256;
        const verdict = await verifyExport(linesOf(inPieces(changed)));
        expect(verdict).toMatchObject({ valid: false, first_bad: { problem: expect.any(String) } });
      }),
      { numRuns: 300 },
    );
  });

  it('is found out when a digit of a position was changed, also where the order stays', async () => {
    const last = lines.at(-1)!;
    const moved = last.replace(/"position":"(\d{19})\d"/, '"position":"$19"');
    expect(moved).not.toBe(last);
    expect(await verifyExport([...lines.slice(0, -1), moved])).toMatchObject({ valid: false, first_bad: { line: 300 } });
  });

  it('says at which line it is wrong, and why', async () => {
    const changed = lines.with(41, lines[41]!.replace('"payload":{', '"payload":{"admin":true,'));
    const { stream, revision } = events[41]!;
    expect(await verifyExport(changed)).toMatchObject({
      valid: false,
      events: 300,
      first_bad: { line: 42, stream, revision, problem: 'the content does not have the hash it claims' },
    });
  });

  it('is not believed when a member stands in it twice, or is written in another way', async () => {
    const other = 'the line is not written as the service writes it';
    const at = lines.findIndex(line => line.includes(String.raw`\u000f`));
    for (const changed of [
      lines.with(0, lines[0]!.replace('"payload":', '"payload":{},"payload":')),
      lines.with(0, `${lines[0]!} `),
      lines.with(0, lines[0]!.replace('{"stream"', '{"more":1,"stream"')),
      lines.with(at, lines[at]!.replace(String.raw`\u000f`, String.raw`\u000F`)),
    ]) {
      expect(await verifyExport(changed)).toMatchObject({ valid: false, first_bad: { problem: other } });
    }
  });

  it('is found out when an event of a stream of the project was left out, put in again or moved', async () => {
    const at = events.findIndex(({ stream, revision }) => stream.startsWith('agent-') && revision === 3);
    const without = lines.toSpliced(at, 1);
    for (const changed of [without, lines.toSpliced(at, 0, lines[at]!), [...without, lines[at]!]]) {
      expect(await verifyExport(changed)).toMatchObject({
        valid: false,
        first_bad: { problem: expect.stringMatching(/where \d+ was due/) },
      });
    }
  });

  it('is found out when its events stand in another order, streams apart', async () => {
    const [first, second, ...rest] = lines;
    expect(await verifyExport([second!, first!, ...rest])).toMatchObject({
      first_bad: { line: 2, problem: 'it stands in the log before the event that it follows here' },
    });
  });

  it('may have gaps in a stream that projects share, but its neighbours must fit', async () => {
    const log = new Log();
    for (const n of [0, 1, 2, 3]) log.append('proxyAudit-2026-01-31', { n });
    const [zero, one, , three] = log.events;
    expect(await verifyExport([one!, three!].map(lineOf))).toMatchObject({ valid: true, events: 2 });
    const forged = new Log();
    for (const n of ['x', 1]) forged.append('proxyAudit-2026-01-31', { n });
    expect(await verifyExport([zero!, forged.events[1]!].map(lineOf))).toMatchObject({
      first_bad: { revision: 1, problem: broken },
    });
    expect(await verifyExport([three!, one!].map(lineOf))).toMatchObject({ first_bad: { revision: 1 } });
  });

  it('that goes on after some position begins in the middle of streams', async () => {
    const rest = lines.slice(100);
    expect(await verifyExport(rest, { partial: true })).toMatchObject({ valid: true, events: 200 });
    expect(await verifyExport(rest)).toMatchObject({ valid: false });
    const at = rest.findLastIndex(line => line.includes('"stream":"agent-'));
    const earlier = rest.findLastIndex((line, index) => index < at - 20 && line.includes(rest[at]!.slice(0, 20)));
    expect(await verifyExport(rest.toSpliced(earlier, 1), { partial: true })).toMatchObject({ valid: false });
  });

  it.each(['', 'null', '7', '[]', '{}', '{"stream":"agent-0","revision":0.5}', lines[0]!.slice(0, -1)])(
    'with the line %p is answered, not thrown at',
    async line => {
      expect(await verifyExport([line, ...lines.slice(1)])).toMatchObject({
        valid: false,
        first_bad: { line: 1, stream: '', problem: 'the line is not an event' },
      });
    },
  );

  it('is verified at more than 10,000 events a second', () => {
    const many = exported(1000).map(lineOf);
    const before = process.cpuUsage();
    for (let round = 0; round < 100; round++) {
      const verifier = new AuditVerifier();
      for (const line of many) verifier.line(line);
      expect(verifier.verdict()).toMatchObject({ valid: true, events: 1000 });
    }
    // Of the processor, in microseconds: what others do on the machine does not count.
    expect(process.cpuUsage(before).user).toBeLessThan(10_000_000);
  });
});

describe('lines in pieces', () => {
  it('end at line feeds alone, wherever the pieces are cut', async () => {
    const text = 'ü one\u2028\r\n\n😀 two\n{"last":3}';
    for (let size = 1; size < 9; size++) {
      const read: string[] = [];
      for await (const line of linesOf(inPieces(Buffer.from(text), size))) read.push(line);
      expect(read).toEqual(text.split('\n'));
    }
  });
});

async function* inPieces(bytes: Buffer, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
