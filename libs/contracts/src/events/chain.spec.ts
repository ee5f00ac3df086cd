import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { canonicalJson, GENESIS_HASH, hashOf, verifyChain } from './chain.js';
import type { EventMetadata } from './metadata.js';

type StoredEvent = Parameters<typeof hashOf>[0];

const STREAM = 'agent-2QnBvYb4ZJk9eTfMhXgPcRsAduW';

/** A chain of so many events, as a writer makes it. */
function chainOf(payloads: readonly unknown[], stream = STREAM): StoredEvent[] {
  let prev_hash = GENESIS_HASH;
  return payloads.map((payload, revision) => {
    const metadata: EventMetadata = {
      event_id: '5c1f7d0e-8a55-5e0a-9a53-0b6f3f1f8f11',
      schema_version: 1,
      occurred_at: '2026-01-31T09:00:00.000Z',
      actor: { id: 'ada', kind: 'user' },
      correlation_id: 'correlation',
      causation_id: `causation ${revision}`,
      prev_hash,
      hash: '',
    };
    const event = { stream, revision, type: 'AgentUpdated', payload, metadata };
    prev_hash = hashOf(event);
    return { ...event, metadata: { ...metadata, hash: prev_hash } };
  });
}

const events = chainOf([{ name: 'a', n: 1 }, { name: 'b', tags: ['x', 'y'] }, { name: 'c' }]);

describe('canonical JSON', () => {
  it('writes the example of RFC 8785, 3.2.2', () => {
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    ) as unknown;
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts keys by UTF-16 code units, the example of RFC 8785, 3.2.3', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(canonicalJson(value).match(/(?<=:")[^"]+/g)).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it.each([
    [0, '0'],
    [-0, '0'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [9007199254740992, '9007199254740992'],
    [295147905179352830000, '295147905179352830000'],
    [1e21, '1e+21'],
    [9.999999999999997e22, '9.999999999999997e+22'],
    [0.000001, '0.000001'],
    [1e-7, '1e-7'],
    [333333333.3333332, '333333333.3333332'],
  ])('writes the number %d as in RFC 8785, appendix B: %s', (number, text) => {
    expect(canonicalJson(number)).toBe(text);
  });

  it('is that of the canonicalize package for any JSON value', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('10', '9', '__proto__', '"\\\u2028'),
    );
    const { value } = fc.letrec(tie => ({
      value: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        tie('list'),
        tie('object'),
      ),
      list: fc.array(tie('value'), { maxLength: 5 }),
      object: fc.dictionary(text, tie('value'), { maxKeys: 12 }),
    }));
    fc.assert(
      fc.property(value, json => {
        expect(canonicalJson(json)).toBe(canonicalize(json));
        expect(canonicalJson(JSON.parse(canonicalJson(json)))).toBe(canonicalJson(json));
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves out members that are undefined', () => {
    expect(canonicalJson({ b: undefined, a: 1, c: undefined })).toBe('{"a":1}');
    expect(canonicalJson({ b: undefined })).toBe('{}');
  });

  it.each([
    [undefined, /undefined has no JSON form/],
    [[undefined], /undefined has no JSON form/],
    [Number.NaN, /NaN has no JSON form/],
    [{ a: Number.NEGATIVE_INFINITY }, /-Infinity has no JSON form/],
    [10n, /bigint has no JSON form/],
    ['\ud800', /half of a surrogate pair/],
    [{ '\udc00a': 1 }, /half of a surrogate pair/],
  ])('refuses %p', (value, text) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
    expect(() => canonicalJson(value)).toThrow(text);
  });
});

describe('the hash of an event', () => {
  it('is SHA-256 over the canonical JSON of its parts, as the specification says', () => {
    const [event] = events;
    const { hash, ...metadata } = event!.metadata;
    const text = canonicalize({ stream: STREAM, revision: 0, type: 'AgentUpdated', payload: { name: 'a', n: 1 }, metadata });
    expect(hash).toBe(createHash('sha256').update(String(text)).digest('hex'));
  });

  it('does not depend on the order in which keys were written', () => {
    const [event] = events;
    expect(hashOf({ ...event!, payload: { n: 1, name: 'a' } })).toBe(event!.metadata.hash);
  });
});

describe('verifying a chain', () => {
  it('finds nothing wrong with one that nobody touched', () => {
    expect(verifyChain(events)).toEqual({ valid: true, events: 3 });
    expect(verifyChain([])).toEqual({ valid: true, events: 0 });
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ noUnicodeString: false }), { maxLength: 8 }), payloads => {
        expect(verifyChain(chainOf(payloads))).toEqual({ valid: true, events: payloads.length });
      }),
    );
  });

  it('says where the first wrong event is, and why', () => {
    const changed = events.map((event, index) => (index === 1 ? { ...event, payload: { name: 'B' } } : event));
    expect(verifyChain(changed)).toEqual({
      valid: false,
      events: 1,
      first_bad: { stream: STREAM, revision: 1, reason: 'the content does not have the hash it claims' },
    });
  });

  it('finds an event that was removed, from the front or between', () => {
    expect(verifyChain(events.slice(1))).toMatchObject({
      valid: false,
      first_bad: { revision: 1, reason: 'revision 1 where 0 was due' },
    });
    expect(verifyChain([events[0]!, events[2]!])).toMatchObject({
      valid: false,
      first_bad: { revision: 2, reason: 'revision 2 where 1 was due' },
    });
  });

  it('finds a removed event even when those after it were numbered anew', () => {
    const renumbered = [events[0]!, { ...events[2]!, revision: 1 }];
    expect(verifyChain(renumbered)).toMatchObject({
      first_bad: { revision: 1, reason: 'prev_hash is not the hash of the event before' },
    });
  });

  it('finds events in another order, twice, or put in', () => {
    expect(verifyChain([events[0]!, events[2]!, events[1]!]).valid).toBe(false);
    expect(verifyChain([events[0]!, events[1]!, events[1]!, events[2]!]).valid).toBe(false);
    expect(verifyChain([events[0]!, ...chainOf([{}]), ...events.slice(1)]).valid).toBe(false);
  });

  it('finds an event whose own hash was made anew: the next no longer follows it', () => {
    const forged = { ...events[0]!, payload: { name: 'A', n: 1 } };
    forged.metadata = { ...forged.metadata, hash: hashOf(forged) };
    expect(verifyChain([forged, ...events.slice(1)])).toMatchObject({
      first_bad: { revision: 1, reason: 'prev_hash is not the hash of the event before' },
    });
  });

  it('finds a chain that is passed off as that of another stream', () => {
    expect(verifyChain(events.map(event => ({ ...event, stream: 'agent-other' }))).valid).toBe(false);
  });

  it('finds every single changed character of every event, wherever it is', () => {
    const texts = events.map(event => JSON.stringify(event));
    let tried = 0;
    for (const [index, text] of texts.entries()) {
      for (let at = 0; at < text.length; at++) {
        const changed = `${text.slice(0, at)}${text[at] === '7' ? '8' : '7'}${text.slice(at + 1)}`;
        const parsed = parse(changed);
        if (parsed === undefined) continue;
        tried += 1;
        const { valid } = verifyChain(events.map((event, position) => (position === index ? parsed : event)));
        expect({ at, changed, valid }).toEqual({ at, changed, valid: false });
      }
    }
    expect(tried).toBeGreaterThan(500);
  });

  it('answers even where the content has no hash at all', () => {
    const [event] = events;
    for (const broken of [{ payload: '\ud800' }, { payload: undefined }, { metadata: null }]) {
      expect(verifyChain([{ ...event, ...broken } as StoredEvent])).toMatchObject({
        valid: false,
        first_bad: { revision: 0, reason: expect.stringMatching(/^the content can't be hashed: /) },
      });
    }
  });

  it('finds any value that was changed in a payload', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.jsonValue(), (payload, key, value) => {
        const changed = { ...payload, [key]: value };
        fc.pre(canonicalJson(changed) !== canonicalJson(payload));
        const [event] = chainOf([payload]);
        expect(verifyChain([{ ...event!, payload: changed }]).valid).toBe(false);
      }),
    );
  });
});

/** Undefined for what is no longer JSON: a store could not even read it. */
function parse(text: string): StoredEvent | undefined {
  try {
    return JSON.parse(text) as StoredEvent;
  } catch {
    return undefined;
  }
}
