import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MOST_DECISIONS, type ProxyDecision } from '#contracts';
import { AuditTrail, type AuditOptions } from './audit-trail.js';

const decision = (n: number, parameters: Record<string, string> = {}): ProxyDecision => ({
  at: '2026-03-01T09:00:00.000Z',
  method: 'GET',
  parameters,
  decision: 'allowed',
  rule: 'needs viewer',
  status: 200,
  bytes_in: 0,
  bytes_out: 0,
  duration_ms: 1,
  operation_id: String(n),
});

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

function trail(options: Partial<AuditOptions> = {}) {
  const tries: { id: string; operations: number[]; at: number }[] = [];
  const written: number[] = [];
  const state = { failing: false };
  const audit = new AuditTrail({
    now: () => Date.now(),
    sink: {
      record: async (id, decisions) => {
        const operations = decisions.map(({ operation_id }) => Number(operation_id));
        tries.push({ id, operations, at: Date.now() });
        if (state.failing) throw new Error('the log is full');
        written.push(...operations);
      },
    },
    ...options,
  });
  const record = (from: number, count: number) => {
    for (let n = from; n < from + count; n++) audit.record(decision(n));
  };
  return { audit, tries, written, state, record };
}

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('the audit', () => {
  it('writes what came together in one batch, within a second', async () => {
    const { tries, record } = trail();
    record(0, 3);
    expect(tries).toEqual([]);
    await pass(1000);
    expect(tries.map(({ operations }) => operations)).toEqual([[0, 1, 2]]);
    expect(tries[0]!.at).toBeLessThan(1000);
  });

  it('keeps the order over batches, none larger than the log takes', async () => {
    const { tries, written, record } = trail();
    record(0, 2 * MOST_DECISIONS + 5);
    await pass(1000);
    expect(written).toEqual(upTo(2 * MOST_DECISIONS + 5));
    expect(tries.map(({ operations }) => operations.length)).toEqual([MOST_DECISIONS, MOST_DECISIONS, 5]);
  });

  it('sends no batch that is larger than a body may be', async () => {
    const sizes: number[] = [];
    const audit = new AuditTrail({
      now: () => Date.now(),
      sink: { record: async (_id, decisions) => void sizes.push(Buffer.byteLength(JSON.stringify({ decisions }))) },
    });
    for (let n = 0; n < 200; n++) audit.record(decision(n, { rest: '\x01"é\\'.repeat(4000) }));
    await pass(60_000);
    expect(audit.pending).toBe(0);
    expect(Math.max(...sizes)).toBeLessThan(1_048_576);
  });

  it('loses nothing while the log fails, and hands the same batch over again under its id', async () => {
    const { audit, tries, written, state, record } = trail();
    state.failing = true;
    record(0, 3);
    await pass(500);
    record(3, 2);
    await pass(2000);
    expect(written).toEqual([]);
    expect(tries.length).toBeGreaterThan(3);
    expect(new Set(tries.map(({ id }) => id)).size).toBe(1);
    expect(new Set(tries.map(({ operations }) => operations.join())).size).toBe(1);
    state.failing = false;
    await pass(1000);
    expect(written).toEqual(upTo(5));
    expect(audit.pending).toBe(0);
  });

  it('closes the door when a decision has been unwritten for 10 s, and opens it when it is written', async () => {
    const { audit, state, record } = trail();
    state.failing = true;
    record(0, 1);
    await pass(9_900);
    expect(audit.isOpen).toBe(true);
    await pass(100);
    expect(audit.isOpen).toBe(false);
    state.failing = false;
    await pass(500);
    expect(audit.isOpen).toBe(true);
  });

  it('closes the door too when the log does not answer at all', async () => {
    const { audit, record } = trail({ sink: { record: () => new Promise(() => undefined) } });
    record(0, 1);
    await pass(10_500);
    expect(audit.isOpen).toBe(false);
  });

  it('keeps room for what has passed already, and counts what finds none', async () => {
    const { audit, state, record } = trail({ capacity: 10 });
    state.failing = true;
    record(0, 7);
    expect(audit.isOpen).toBe(true);
    record(7, 1);
    expect(audit.isOpen).toBe(false);
    record(8, 2);
    expect([audit.pending, audit.dropped]).toEqual([10, 0]);
    record(10, 3);
    expect([audit.pending, audit.dropped]).toEqual([10, 3]);
  });

  it('writes what is left when it closes, and gives up in time', async () => {
    const { audit, written, state, record } = trail();
    record(0, 3);
    const closed = audit.close(1000);
    await pass(10);
    await closed;
    expect(written).toEqual([0, 1, 2]);
    state.failing = true;
    record(3, 1);
    let isClosed = false;
    void audit.close(1000).then(() => (isClosed = true));
    await pass(1100);
    expect(isClosed).toBe(true);
  });
});
