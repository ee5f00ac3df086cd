import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { EVENTS } from './catalog.js';
import { v5 } from 'uuid';
import { categoryOf, deterministicUuid, idOf, ksuid, runIdOf, runIdOfKey, sessionIdOfRun, streams } from './streams.js';

const SCHEDULE = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const TICK = '2026-01-31T09:00:00.000Z';
/** Of the tick above, and the session it starts. */
const RUN = '86fd404e-31fb-5a0e-ac90-d662b2cfa845';
const SESSION = '3913y6a49fGcHipl7DW7VUBfJWf';
const payload = fc.uint8Array({ minLength: 16, maxLength: 16 });
const KSUID_EPOCH = 1_400_000_000_000;
const KSUID_END = KSUID_EPOCH + (2 ** 32 - 1) * 1000;
const time = fc.integer({ min: KSUID_EPOCH, max: KSUID_END });

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function base62(at: number, bytes: Uint8Array): string {
  const second = Math.floor((at - KSUID_EPOCH) / 1000);
  let left = (BigInt(second) << 128n) + BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (let digit = 0; digit < 27; digit++) {
    text = DIGITS.charAt(Number(left % 62n)) + text;
    left /= 62n;
  }
  return text;
}

describe('a KSUID', () => {
  it('is that of the published example of segmentio/ksuid', () => {
    const at = Date.parse('2017-10-10T04:00:47Z');
    expect(ksuid(at, Buffer.from('B5A1CD34B5F99D1154FB6853345C9735', 'hex'))).toBe('0ujtsYcgvSTl8PAuAdqWYSMnLOv');
  });

  it('reaches from the smallest to the greatest that the specification names', () => {
    expect(ksuid(KSUID_EPOCH, Buffer.alloc(16))).toBe('000000000000000000000000000');
    expect(ksuid(KSUID_END, Buffer.alloc(16, 0xff))).toBe('aWgEPTl1tmebfsQzFP4bxwgy80V');
  });

  it('is the base 62 of its 20 bytes, as integers of any size reckon it', () => {
    fc.assert(
      fc.property(time, payload, (at, bytes) => expect(ksuid(at, bytes)).toBe(base62(at, bytes))),
      { numRuns: 5000 },
    );
  });

  it('has 27 characters of base 62', () => {
    fc.assert(fc.property(time, payload, (at, bytes) => /^[0-9A-Za-z]{27}$/.test(ksuid(at, bytes))));
  });

  it('sorts by the second it was made in, then by its payload', () => {
    fc.assert(
      fc.property(time, payload, time, payload, (at, bytes, later, others) => {
        const [second, otherSecond] = [Math.floor(at / 1000), Math.floor(later / 1000)];
        const expected = second === otherSecond ? Buffer.compare(bytes, others) : Math.sign(second - otherSecond);
        const [one, other] = [ksuid(at, bytes), ksuid(later, others)];
        expect(one < other ? -1 : Number(one > other)).toBe(expected);
      }),
    );
  });

  it('refuses a payload of another length', () => {
    expect(() => ksuid(Date.parse(TICK), Buffer.alloc(15))).toThrow(/16 bytes, not 15/);
  });

  it('of a time before its epoch is of the epoch', () => {
    expect(ksuid(0, Buffer.alloc(16))).toBe('000000000000000000000000000');
  });
});

describe('the run of a tick', () => {
  it('has an id that never changes (these were computed by other means): it is in logs already', () => {
    expect(runIdOf(SCHEDULE, TICK)).toBe(RUN);
    expect(sessionIdOfRun(RUN, TICK)).toBe(SESSION);
  });

  it('has an id of its own for each schedule and each tick', () => {
    const other = SCHEDULE.replace('W', 'X');
    const ids = [SCHEDULE, other].flatMap(schedule => [TICK, '2026-01-31T09:01:00.000Z'].map(tick => runIdOf(schedule, tick)));
    expect(new Set(ids).size).toBe(4);
  });

  it('is never that of a manual trigger, even of one whose key reads like the tick', () => {
    expect(runIdOfKey(SCHEDULE, TICK)).not.toBe(runIdOf(SCHEDULE, TICK));
    expect(runIdOfKey(SCHEDULE, 'a-key')).toBe(runIdOfKey(SCHEDULE, 'a-key'));
  });

  it('is a UUID of version 5', () => {
    expect(runIdOf(SCHEDULE, TICK)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is the UUID that the uuid package makes', () => {
    for (const text of ['', 'a', 'ä/€/🙂', ...Array.from({ length: 300 }, (_, n) => `${SCHEDULE}/${n}`)])
      expect(deterministicUuid(...text.split('/'))).toBe(v5(text, '6f5f4a52-6a0b-5d0e-9a57-3a0c5a7f2d11'));
  });

  it('starts a session whose id carries the second of the tick, and differs by run', () => {
    const [one, other] = [sessionIdOfRun(deterministicUuid('a'), TICK), sessionIdOfRun(deterministicUuid('b'), TICK)];
    expect(one).not.toBe(other);
    expect(one.slice(0, 4)).toBe(ksuid(Date.parse(TICK), Buffer.alloc(16)).slice(0, 4));
    expect(one < sessionIdOfRun(deterministicUuid('a'), '2026-01-31T09:00:01.000Z')).toBe(true);
  });
});

describe('the names of streams', () => {
  it('come apart at the first hyphen', () => {
    expect(categoryOf(streams.project('blue-green'))).toBe('project');
    expect(idOf(streams.project('blue-green'))).toBe('blue-green');
    expect(idOf(streams.run(RUN))).toBe(RUN);
  });

  it('have the category that the catalog gives their events', () => {
    const names = [
      streams.project('p'),
      streams.agent('a'),
      streams.scheduledSession('s'),
      streams.run('r'),
      streams.session('s'),
      streams.messages('s'),
      streams.occupancy('a'),
      streams.nameClaim('p', 'Agent', 'n'),
      streams.access('p'),
      streams.platformAccess,
      streams.proxyAudit('2026-01-31'),
      streams.idempotency('ada', 'key'),
    ];
    const categories = new Set<string>(Object.values(EVENTS).map(({ category }) => category));
    expect(new Set(names.map(categoryOf))).toEqual(categories);
  });

  it('of name claims are the same only for the same project, kind and name', () => {
    const triple = fc.tuple(fc.string(), fc.string(), fc.string());
    fc.assert(
      fc.property(triple, triple, (one, other) => {
        expect(streams.nameClaim(...one) === streams.nameClaim(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
    expect(streams.nameClaim('a', 'b', 'c","d')).not.toBe(streams.nameClaim('a', 'b","c', 'd'));
    expect(streams.nameClaim('ab', 'c', '')).not.toBe(streams.nameClaim('a', 'bc', ''));
  });

  it('of name claims and idempotency keys hold no text of a caller', () => {
    expect(streams.nameClaim('blue', 'Agent', 'a b/c>*')).toMatch(/^nameClaim-[0-9a-f]{40}$/);
    expect(streams.idempotency('ada', '*> \n')).toMatch(/^idempotency-[0-9a-f]{40}$/);
  });

  it('of the access to the platform can be no project: its name is not a DNS label', () => {
    expect(idOf(streams.platformAccess)).toBe('_platform');
  });
});
