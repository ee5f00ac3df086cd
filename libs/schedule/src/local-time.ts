import { zoneTable } from './zone-table.js';

/**
 * An instant as RFC 3339 in the zone's offset, for example `2026-11-24T09:00:00-05:00`; UTC has `+00:00`.
 * RFC 3339 offsets have whole minutes: the odd seconds some zones had until 1972 are left out of the offset and so of the local time.
 *
 * @throws {RangeError} the zone is not an IANA name, or the year is not within 0 to 9999.
 */
export function localTime(epochSeconds: number, zone: string): string {
  const second = Math.floor(epochSeconds);
  const minutes = Math.trunc(zoneTable(zone).segmentAt(second).offset / 60);
  const local = new Date((second + minutes * 60) * 1000).toISOString();
  if (!/^\d{4}-/.test(local)) throw new RangeError(`the instant ${epochSeconds} is outside of the years 0 to 9999`);
  const size = Math.abs(minutes);
  return `${local.slice(0, 19)}${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
