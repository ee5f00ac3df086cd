import { describe, expect, it } from '@jest/globals';
import { resolveTimeZone, timeZoneNames } from './zone-names.js';

describe('resolveTimeZone', () => {
  it.each([
    ['Europe/Paris', 'Europe/Paris'],
    ['europe/paris', 'Europe/Paris'],
    ['AMERICA/PORT-AU-PRINCE', 'America/Port-au-Prince'],
    ['antarctica/dumontdurville', 'Antarctica/DumontDUrville'],
    ['america/argentina/buenos_aires', 'America/Argentina/Buenos_Aires'],
    ['us/eastern', 'US/Eastern'],
    ['asia/kathmandu', 'Asia/Kathmandu'],
    ['asia/katmandu', 'Asia/Katmandu'],
    ['asia/calcutta', 'Asia/Calcutta'],
    ['ASIA/KOLKATA', 'Asia/Kolkata'],
    ['utc', 'UTC'],
    ['etc/gmt+5', 'Etc/GMT+5'],
    ['nz-chat', 'NZ-CHAT'],
    ['gb-eire', 'GB-Eire'],
    ['australia/lhi', 'Australia/LHI'],
  ])('takes %s for %s', (written, name) => {
    expect(resolveTimeZone(written)).toBe(name);
  });

  it.each([
    [''],
    [' UTC'],
    ['+02:00'],
    ['-0500'],
    ['UTC+2'],
    ['Z'],
    ['PST'],
    ['Europe/Atlantis'],
    ['Europe'],
    ['Factory'],
    ['localtime'],
    ['__proto__'],
  ])('refuses %j', name => {
    expect(resolveTimeZone(name)).toBeUndefined();
  });

  it('knows each name once, and Intl knows them all', () => {
    const names = timeZoneNames();
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(590);
    expect(names.filter(name => new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone === '')).toEqual([]);
  });
});
