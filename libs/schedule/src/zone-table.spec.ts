import { describe, expect, it } from '@jest/globals';
import { ZoneTable, zoneTable } from './zone-table.js';

const seconds = (time: string): number => Date.parse(time) / 1000;

describe('ZoneTable', () => {
  const newYork = new ZoneTable('America/New_York');

  it('finds a transition to the second', () => {
    const spring = seconds('2026-03-08T07:00:00Z');
    expect(newYork.segmentAt(spring - 1)).toMatchObject({ offset: -18_000, end: spring });
    expect(newYork.segmentAt(spring)).toMatchObject({ offset: -14_400, start: spring, gap: 3600 });
  });

  it('knows which local times of an overlap are new', () => {
    const autumn = seconds('2026-11-01T06:00:00Z');
    expect(newYork.segmentAt(autumn)).toMatchObject({ offset: -18_000, gap: 0, firstNewLocal: seconds('2026-11-01T02:00:00Z') });
  });

  it('leaves no instant out and none in twice', () => {
    const cairo = new ZoneTable('Africa/Cairo');
    for (let from = 0; from < seconds('2050-01-01T00:00:00Z');) {
      const segment = cairo.segmentAt(from);
      expect(segment.start).toBe(from === 0 ? 0 : from);
      from = segment.end;
    }
  });

  it.each([
    ['a week long', 'Asia/Gaza', '2040-10-20T00:00:00Z', '2040-10-26T23:00:00Z'],
    ['a week long', 'America/Recife', '2000-10-08T03:00:00Z', '2000-10-15T02:00:00Z'],
  ])('finds a summer time that is %s: %s', (_length, zone, start, end) => {
    const segment = new ZoneTable(zone).segmentAt(seconds(start));
    expect([segment.start, segment.end]).toEqual([seconds(start), seconds(end)]);
  });

  it('knows offsets with seconds', () => {
    expect(new ZoneTable('Africa/Monrovia').segmentAt(seconds('1971-06-01T00:00:00Z')).offset).toBe(-(44 * 60 + 30));
  });

  it('is made once for a zone, however its name is written', () => {
    expect(zoneTable('europe/ROME')).toBe(zoneTable('Europe/Rome'));
  });
});
