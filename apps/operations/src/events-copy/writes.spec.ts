import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '#event-store';
import { asWrites } from './writes.js';

const event = (stream: string, revision: number, data = '{}'): RecordedEvent => ({
  stream,
  revision,
  id: `${stream}-${revision}`,
  type: 'Happened',
  data,
  metadata: '{}',
  position: '',
});
/** Stream, expected revision and number of events of each write. */
const shapeOf = (events: readonly RecordedEvent[]): unknown[] =>
  asWrites(events).map(({ stream, expected, events }) => [stream, expected, events.length]);

describe('the writes that copy events', () => {
  it('are none for no events', () => {
    expect(asWrites([])).toEqual([]);
  });

  it('hold only events that follow one another, so that the order of the log stays', () => {
    const events = [event('a', 0), event('a', 1), event('b', 4), event('a', 2), event('b', 5), event('b', 6)];
    expect(shapeOf(events)).toEqual([
      ['a', 'none', 2],
      ['b', 3, 1],
      ['a', 1, 1],
      ['b', 4, 2],
    ]);
    expect(asWrites(events).flatMap(({ events }) => events.map(({ id }) => id))).toEqual(events.map(({ id }) => id));
  });

  it('are no larger than an engine takes', () => {
    const large = JSON.stringify('é'.repeat(100_000));
    const events = [0, 1, 2, 3].map(revision => event('a', revision, large));
    expect(shapeOf(events)).toEqual([
      ['a', 'none', 2],
      ['a', 1, 2],
    ]);
    expect(shapeOf([event('a', 0), event('a', 1, JSON.stringify('x'.repeat(1_000_000))), event('a', 2)])).toHaveLength(3);
  });
});
