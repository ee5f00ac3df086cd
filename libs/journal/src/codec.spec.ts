import { describe, expect, it } from '@jest/globals';
import { canonicalJson, GENESIS_HASH, hashOf, UnknownEvent, verifyChain, type EventOf } from '#contracts';
import type { RecordedEvent } from '#event-store';
import { asStored, decode, EMPTY_TAIL, encode, type Cause, type Encoded, type Tail } from './codec.js';

const STREAM = 'agent-2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const cause: Cause = {
  actor: { id: 'ada', kind: 'user' },
  occurred_at: '2026-01-31T09:00:00.000Z',
  correlation_id: 'correlation',
  causation_id: 'causation',
};
const idOf = (revision: number): string => `5c1f7d0e-8a55-5e0a-9a53-0b6f3f1f8f1${revision}`;

const created: EventOf<'AgentCreated'> = {
  type: 'AgentCreated',
  payload: { name: 'reviewer', project_id: 'blue', owner_user_id: 'ada', prompt: 'Look, "ü" 😀' },
};
const renamed: EventOf<'AgentUpdated'> = {
  type: 'AgentUpdated',
  payload: { project_id: 'blue', changes: { name: 'r', prompt: null } },
};

const recorded = ({ event, tail }: Encoded): RecordedEvent => ({
  ...event,
  stream: STREAM,
  revision: tail.revision,
  position: `p${tail.revision}`,
});

/** The events as a store would hold them. */
function log(...events: readonly (typeof created | typeof renamed)[]): RecordedEvent[] {
  let tail: Tail = EMPTY_TAIL;
  return events.map((event, index) => {
    const encoded = encode(STREAM, tail, event, idOf(index), cause);
    tail = encoded.tail;
    return recorded(encoded);
  });
}

describe('encoding an event', () => {
  const first = encode(STREAM, EMPTY_TAIL, created, idOf(0), cause);

  it('stores the payload as canonical JSON', () => {
    expect(first.event).toMatchObject({ id: idOf(0), type: 'AgentCreated', data: canonicalJson(created.payload) });
  });

  it('stores who, when and why, the version, and the link to the event before', () => {
    expect(JSON.parse(first.event.metadata)).toEqual({
      event_id: idOf(0),
      schema_version: 1,
      ...cause,
      prev_hash: GENESIS_HASH,
      hash: first.tail.hash,
    });
    expect(JSON.parse(first.event.metadata)).toEqual(first.metadata);
  });

  it('keeps operation and trace where there are any', () => {
    const { metadata } = encode(STREAM, EMPTY_TAIL, created, idOf(0), { ...cause, operation_id: 'op', traceparent: '00-a-b-01' });
    expect(metadata).toMatchObject({ operation_id: 'op', traceparent: '00-a-b-01' });
    expect(first.metadata).not.toHaveProperty('operation_id');
    expect(first.metadata).not.toHaveProperty('traceparent');
  });

  it('makes the hash that is verified later', () => {
    expect(first.tail).toEqual({ revision: 0, hash: hashOf(asStored(recorded(first))) });
  });

  it('chains each event to the one before it', () => {
    const second = encode(STREAM, first.tail, renamed, idOf(1), cause);
    expect(second.metadata.prev_hash).toBe(first.tail.hash);
    expect(second.tail.revision).toBe(1);
    expect(verifyChain(log(created, renamed, renamed).map(asStored))).toEqual({ valid: true, events: 3 });
  });

  it('refuses a payload that its schema refuses: a defect of the decider', () => {
    const wrong = { type: 'AgentCreated', payload: { project_id: 'blue', name: 'x' } } as unknown as typeof created;
    expect(() => encode(STREAM, EMPTY_TAIL, wrong, idOf(0), cause)).toThrow(
      new TypeError('AgentCreated was decided with a payload that its schema refuses'),
    );
  });
});

describe('decoding an event', () => {
  const [first, second] = log(created, renamed) as [RecordedEvent, RecordedEvent];

  it('gives back what was encoded, with its place in the log', () => {
    expect(decode(second)).toEqual({
      ...renamed,
      stream: STREAM,
      revision: 1,
      position: 'p1',
      metadata: JSON.parse(second.metadata) as unknown,
    });
  });

  it('refuses an event that is newer than this program', () => {
    expect(() => decode({ ...first, type: 'AgentPainted' })).toThrow(UnknownEvent);
    expect(() => decode({ ...first, metadata: first.metadata.replace('"schema_version":1', '"schema_version":2') })).toThrow(
      UnknownEvent,
    );
  });

  it('refuses texts that are not JSON', () => {
    expect(() => decode({ ...first, data: '{' })).toThrow(SyntaxError);
  });
});

describe('what is stored', () => {
  const events = log(created, renamed);

  it('can not be changed by a single character without the chain showing it', () => {
    let tried = 0;
    for (const [index, event] of events.entries()) {
      for (const part of ['data', 'metadata'] as const) {
        for (let at = 0; at < event[part].length; at++) {
          const text = `${event[part].slice(0, at)}${event[part][at] === '7' ? '8' : '7'}${event[part].slice(at + 1)}`;
          const tampered = events.map((other, position) => (position === index ? { ...event, [part]: text } : other));
          tried += 1;
          expect({ part, at, text, intact: isIntact(tampered) }).toEqual({ part, at, text, intact: false });
        }
      }
    }
    expect(tried).toBeGreaterThan(800);
  });

  it.each([
    ['type', { type: 'AgentDeleted' }],
    ['stream', { stream: 'agent-other' }],
    ['revision', { revision: 2 }],
  ])('can not be given another %s either', (_, change) => {
    expect(isIntact([events[0]!, { ...events[1]!, ...change }])).toBe(false);
    expect(isIntact(events)).toBe(true);
  });
});

/** What can't be read as JSON any more is not intact. */
function isIntact(events: readonly RecordedEvent[]): boolean {
  try {
    return verifyChain(events.map(asStored)).valid;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
